import { mkdir } from 'node:fs/promises';
import { AppError, toErrorValue, type ErrorValue } from '#shared/errors/app-error';
import { parseArguments, USAGE, type Arguments } from './headless/arguments.ts';
import { openHeadless } from './headless/headless-core.ts';
import { runCommand, type CommandResult } from './headless/run-command.ts';
import { createStderrLog } from './lib/log.ts';
import { redact } from './lib/redact.ts';

const EXIT_BAD_INPUT = 2;

/** A notice for developers about Node.js versions, which would stand among what the command says. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
process.exitCode = await main(process.argv.slice(2));

/** Runs one command and answers the exit code. With `--json` exactly one document goes to stdout; everything else goes to stderr. */
async function main(argv: string[]): Promise<number> {
  const isJson = argv.includes('--json');
  if (argv.length === 0 || argv.includes('--help')) {
    process.stderr.write(`${USAGE}\n`);
    return argv.length === 0 ? EXIT_BAD_INPUT : 0;
  }
  try {
    const result = await runArguments(parseArguments(argv, process.env));
    process.stdout.write(isJson ? `${JSON.stringify(result.json, null, 2)}\n` : `${result.text}\n`);
    return result.exitCode;
  } catch (error) {
    return reportError(toErrorValue(error), isJson);
  }
}

async function runArguments(parsed: Arguments): Promise<CommandResult> {
  await mkdir(parsed.dataDirectory, { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw new AppError('FILE_NOT_READABLE', {
      cause: error,
      facts: { path: parsed.dataDirectory, detail: error.message },
    });
  });
  const headless = await openHeadless(parsed, { environment: process.env, log: createStderrLog() });
  try {
    return await runCommand(parsed.command, headless);
  } finally {
    await headless.core.close();
  }
}

function reportError(error: ErrorValue, isJson: boolean): number {
  const { code, title } = error;
  const message = redact(error.message);
  const advice = redact(error.advice);
  process.stderr.write(`${title}. ${message}\n${advice}\n${error.raw ? `Details: ${redact(error.raw)}\n` : ''}`);
  if (code === 'INPUT_INVALID') process.stderr.write(`\n${USAGE}\n`);
  if (isJson) process.stdout.write(`${JSON.stringify({ error: { code, title, message, advice } }, null, 2)}\n`);
  return EXIT_BAD_INPUT;
}
