import { parseArgs } from 'node:util';
import { ScriptError } from './script-error.mjs';

export const practiceUsage = `Usage: npm run practice -- [--source redshift|sqlserver] [--strategy unload|regular] [--scale 0.01] [--json]

Starts local stand-ins of the source and of Snowflake, migrates the eight TPC-H tables between them with the real core and drivers,
checks the result and prints a summary.

  --source    redshift (the default) or sqlserver
  --strategy  unload (through S3; Redshift only, and its default) or regular (streamed through this machine)
  --scale     scale factor of the TPC-H tables, above 0 up to 100 (0.01 by default: about 87,000 rows)
  --json      print exactly one JSON document on stdout; progress stays on stderr`;

/**
 * @param {string[]} argv
 * @returns {{ help: true } | { help: false, source: 'redshift' | 'sqlserver', strategy: 'unload' | 'regular', scale: number, json: boolean }}
 * @throws {ScriptError} exit code 2, with a sentence for what is wrong
 */
export function parsePracticeArguments(argv) {
  const values = parse(argv);
  if (values.help) return { help: true };
  const source = oneOf('--source', values.source ?? 'redshift', ['redshift', 'sqlserver']);
  const strategy = oneOf('--strategy', values.strategy ?? (source === 'redshift' ? 'unload' : 'regular'), [
    'unload',
    'regular',
  ]);
  if (source === 'sqlserver' && strategy === 'unload') {
    throw badInput('--strategy unload is for Redshift only: SQL Server has no UNLOAD. Use --strategy regular.');
  }
  return { help: false, source, strategy, scale: readScale(values.scale ?? '0.01'), json: values.json ?? false };
}

function parse(argv) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  try {
    return parseArgs({ args: argv, options: { source: text, strategy: text, scale: text, json: flag, help: flag } })
      .values;
  } catch (error) {
    throw badInput(error.message);
  }
}

function oneOf(name, value, accepted) {
  if (accepted.includes(value)) return value;
  throw badInput(`${name} takes ${accepted.join(' or ')}, not "${value}".`);
}

function readScale(text) {
  const scale = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (scale > 0 && scale <= 100) return scale;
  throw badInput(`--scale takes a number above 0 up to 100, not "${text}".`);
}

const badInput = (message) => new ScriptError(`${message}\n\n${practiceUsage}`, { exitCode: 2 });
