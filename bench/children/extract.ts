import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createExtractor, type ExtractorOptions } from '../../src-main/extract/create-extractor.ts';
import { readOptions, report } from './report.ts';

/** The engine: one extraction a lane, files handed over and deleted at once. */
interface Options {
  source: ExtractorOptions['source'];
  password: string;
  workerUrl: string;
  reads: Parameters<ReturnType<typeof createExtractor>['extract']>[0]['read'][];
}

const options = await readOptions<Options>();
const directory = await mkdtemp(join(tmpdir(), 'snowferry-bench-'));
const extractor = createExtractor({
  source: options.source,
  secrets: { 'source.password': options.password },
  workerUrl: new URL(options.workerUrl),
  lanes: options.reads.length,
  directory,
  quotaBytes: null,
  log: (_level, text) => process.stderr.write(`${text}\n`),
});
const lag = monitorEventLoopDelay({ resolution: 5 });
const { signal } = new AbortController();
await report(async () => {
  lag.enable();
  const outcomes = await Promise.all(
    options.reads.map((read, index) =>
      extractor.extract(
        { read, attemptId: `attempt-${index}`, maxFileBytes: 200_000_000 },
        { signal, onFile: () => Promise.resolve() },
      ),
    ),
  );
  lag.disable();
  const sum = (pick: (outcome: (typeof outcomes)[number]) => number): number =>
    outcomes.reduce((total, outcome) => total + pick(outcome), 0);
  return {
    rows: sum(({ rows }) => rows),
    outBytes: sum(({ bytes }) => bytes),
    wireBytes: sum(({ wireBytes }) => wireBytes),
    // The sampling interval is part of what is measured.
    lagP99: Math.max(0, lag.percentile(99) / 1e6 - 5),
  };
});
await extractor.close();
await rm(directory, { recursive: true });
