import { USAGE, UsageError, parseSandboxArguments } from './options.ts';
import { startSandbox } from './start-sandbox.ts';
import type { Sandbox } from './start-sandbox.ts';
import { watchEnd } from './watch-end.ts';

const EXIT_BAD_INPUT = 2;

await main();

/** `npm run sandbox`: one line of JSON on stdout when everything is up, everything else on stderr, until it is told to stop. */
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
    sandbox = startSandbox({ ...options, log, signal: controller.signal });
    const { description } = await sandbox;
    process.stdout.write(`${JSON.stringify(description)}\n`);
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
