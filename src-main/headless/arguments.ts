import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '#shared/errors/app-error';

export const COMMANDS = ['plan', 'run', 'resume', 'validate', 'status'] as const;
export type Command = (typeof COMMANDS)[number];

export interface Arguments {
  command: Command;
  workflowPath: string;
  connectionsPath: string;
  dataDirectory: string;
  isJson: boolean;
}

export const USAGE = `Usage: snowferry <command> <workflow file> --connections <file> [--json] [--data-dir <directory>]

Commands
  plan      shows what a run would do; nothing is changed
  run       migrates the tables of the workflow, then compares row counts
  resume    goes on with the newest unfinished run of the workflow
  validate  compares row counts of source and Snowflake now
  status    shows the runs of the workflow

Exit codes: 0 done, 1 finished with failed tables or checks, 2 bad input, 3 paused or cancelled.
Ctrl-C pauses a run; a second Ctrl-C cancels it. A run pauses by itself when a server stays away, when a password or key is refused, and when another
process works on it; "pause" in the JSON document says why.`;

/** Reads the command line; what does not fit throws INPUT_INVALID with what was expected. */
export function parseArguments(argv: string[], environment: NodeJS.ProcessEnv): Arguments {
  const { values, positionals } = parse(argv);
  const [command, workflowPath, ...rest] = positionals;
  if (!isCommand(command)) throw invalid(`Expected one of ${COMMANDS.join(', ')}, found ${command ?? 'nothing'}.`);
  if (!workflowPath) throw invalid(`The command ${command} needs the path of a workflow file.`);
  if (rest.length > 0) throw invalid(`There are words too many: ${rest.join(' ')}.`);
  if (!values.connections) throw invalid('Give the connections file with --connections <file>.');
  return {
    command,
    workflowPath: resolve(workflowPath),
    connectionsPath: resolve(values.connections),
    dataDirectory: resolve(
      values['data-dir'] ?? environment['SNOWFERRY_DATA_DIR'] ?? defaultDataDirectory(environment),
    ),
    isJson: values.json ?? false,
  };
}

function parse(argv: string[]): {
  values: { connections?: string; json?: boolean; 'data-dir'?: string };
  positionals: string[];
} {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: { connections: { type: 'string' }, json: { type: 'boolean' }, 'data-dir': { type: 'string' } },
    });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function isCommand(word: string | undefined): word is Command {
  return COMMANDS.some((command) => command === word);
}

function invalid(detail: string): AppError {
  return new AppError('INPUT_INVALID', { facts: { detail } });
}

function defaultDataDirectory(environment: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'snowferry-headless');
  if (process.platform === 'win32')
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'snowferry-headless');
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'snowferry-headless');
}
