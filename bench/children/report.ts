import { text } from 'node:stream/consumers';
import type { Measured } from '../measure.ts';

export async function readOptions<T>(): Promise<T> {
  return JSON.parse(await text(process.stdin)) as T;
}

/** Times `work` in this process and prints what it came to. */
export async function report(
  work: () => Promise<Pick<Measured, 'rows' | 'outBytes' | 'wireBytes'> & { lagP99?: number }>,
): Promise<void> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const result = await work();
  const wall = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  const measured: Measured = {
    ...result,
    lagP99: result.lagP99 ?? null,
    wall,
    cpu: (user + system) / 1e6,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(JSON.stringify(measured));
}
