import { parseArgs } from 'node:util';

export const SOURCES = ['redshift', 'sqlserver'] as const;
export type SandboxSource = (typeof SOURCES)[number];

export const SEED_SCHEMAS = ['tpch', 'types'] as const;
export type SeedSchema = (typeof SEED_SCHEMAS)[number];

export type SandboxArguments = {
  source: SandboxSource;
  /** TPC-H scale factor; 1 is about 8.66 million rows. */
  scale: number;
  schemas: SeedSchema[];
  /** Null: a temporary directory. */
  dataDirectory: string | null;
  /** SQL Server only: answers of plain SELECTs are kept encoded, and served again without being made. */
  resultCache: boolean;
};

/** The command line is wrong; the message is for the person who typed it. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export const USAGE = `Usage: npm run sandbox -- [--source redshift|sqlserver] [--scale 0.01] [--schemas tpch,types] [--data-dir DIRECTORY] [--result-cache]

Starts the practice environment, prints one line of JSON with every address and credential, and runs until it is stopped
(Ctrl+C, SIGTERM, or the end of its standard input when that is a pipe).

  --source     which source to start beside Snowflake: redshift (with S3; the default) or sqlserver
  --scale      scale factor of the TPC-H tables, from 0.001 to 10 (0.01 by default: about 87,000 rows)
  --schemas    what to seed: tpch, types (every data type, hostile names and values), or both with a comma
  --data-dir   where the data lives while it runs: an empty or new directory; by default a temporary one. Emptied at the end
  --result-cache
               keeps the answers of SQL Server to plain SELECTs and serves them again, for measuring clients; the data must not change`;

/** Throws UsageError; `help` is set when only the usage is wanted. */
export function parseSandboxArguments(argv: string[]): SandboxArguments | { help: true } {
  const values = parse(argv);
  if (values.help) return { help: true };
  return {
    source: readSource(values.source ?? 'redshift'),
    scale: readScale(values.scale ?? '0.01'),
    schemas: readSchemas(values.schemas ?? 'tpch'),
    dataDirectory: readDirectory(values['data-dir']),
    resultCache: readResultCache(values),
  };
}

function parse(argv: string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: argv,
      options: {
        source: text,
        scale: text,
        schemas: text,
        'data-dir': text,
        'result-cache': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readSource(text: string): SandboxSource {
  const source = SOURCES.find((candidate) => candidate === text);
  if (source) return source;
  throw new UsageError(`--source takes redshift or sqlserver, not "${text}".`);
}

function readScale(text: string): number {
  const scale = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (scale >= 0.001 && scale <= 10) return scale;
  throw new UsageError(`--scale takes a number from 0.001 to 10, not "${text}".`);
}

function readSchemas(text: string): SeedSchema[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !SEED_SCHEMAS.some((schema) => schema === name));
  if (unknown !== undefined)
    throw new UsageError(`--schemas takes tpch, types or both with a comma, not "${unknown}".`);
  return SEED_SCHEMAS.filter((schema) => names.includes(schema));
}

function readResultCache(values: ReturnType<typeof parse>): boolean {
  if (!values['result-cache']) return false;
  if (values.source !== 'sqlserver') throw new UsageError('--result-cache is for --source sqlserver only.');
  return true;
}

function readDirectory(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (text === '') throw new UsageError('--data-dir takes the path of a directory.');
  return text;
}
