import { USAGE, UsageError, parseSandboxArguments } from './options.ts';
import { onControlLine } from './control-lines.ts';
import { startSandbox } from './start-sandbox.ts';
import type { Sandbox } from './start-sandbox.ts';
import { watchEnd } from './watch-end.ts';

const EXIT_BAD_INPUT = 2;

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

await main();

/**
 * `npm run sandbox`: one line of JSON on stdout when everything is up, everything else on stderr, until it is told to stop. A line `{"faults": <plan>}`
 * on standard input (when that is a pipe) makes the stand-ins fail on purpose; it is answered by `{"faults":"set"}`, and each fault by `{"fired": ...}`.
 */
async function main(): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  let sandbox: Promise<Sandbox> | null = null;
  const controller = new AbortController();
  watchEnd((reason) => {
    log(`Stopping the practice environment: ${reason}.`);
    controller.abort();
    const started = sandbox ?? Promise.resolve(null);
    void started
      .then((running) => running?.close())
      .then(
        () => process.exit(0),
        () => process.exit(0),
      );
  });
  try {
    const options = parseSandboxArguments(process.argv.slice(2));
    if ('help' in options) {
      log(USAGE);
      process.exit(0);
    }
    sandbox = startSandbox({ ...options, log, signal: controller.signal, onFired: (fired) => print({ fired }) });
    const { description, setFaults } = await sandbox;
    print(description);
    onControlLine(({ faults }) => {
      setFaults(faults);
      print({ faults: 'set' });
    }, log);
  } catch (error) {
    if (controller.signal.aborted) return;
    if (error instanceof UsageError) {
      log(error.message);
      log('');
      log(USAGE);
      process.exit(EXIT_BAD_INPUT);
    }
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  }
}
