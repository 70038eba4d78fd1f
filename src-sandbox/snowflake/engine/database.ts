import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { engineErrorText, fromDuckDb } from '../errors.ts';
import { registerFunctions } from './functions.ts';
import { keepByteOrderMarks } from './keep-byte-order-marks.ts';

export interface Engine {
  connect(): Promise<DuckDBConnection>;
  /** The engine's own connection: DDL and commits run here or on a session's, never both at once. */
  readonly main: DuckDBConnection;
  /** Runs `work` alone: no two commits or DDL statements touch DuckDB's tables at once. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** Opens a fresh DuckDB database under `directory`. */
export async function openEngine(directory: string): Promise<Engine> {
  keepByteOrderMarks();
  mkdirSync(path.join(directory, 'spill'), { recursive: true });
  const instance = await DuckDBInstance.create(path.join(directory, 'practice.duckdb'), {
    temp_directory: path.join(directory, 'spill'),
    memory_limit: '3GB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const main = await instance.connect();
  registerFunctions(main);
  await main.run("SET TimeZone = 'UTC'");
  await main.run('CREATE SEQUENCE IF NOT EXISTS rid START 1');
  for (const macro of MACROS) await main.run(macro);
  let last: Promise<unknown> = Promise.resolve();
  return {
    main,
    connect: async () => {
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      return connection;
    },
    exclusively: (work) => {
      const done = last.then(work, work);
      last = done.catch(() => undefined);
      return done;
    },
    close: () => {
      main.closeSync();
      instance.closeSync();
    },
  };
}

const DIVISION_BY_ZERO = `error('${engineErrorText('100051', '22012', 'Division by zero')}')`;

/**
 * Floor division without naming an argument twice (a macro's argument is copied): a large multiple of the divisor is added
 * first, so that DuckDB's truncation rounds down for negative numbers too.
 */
const MACROS = [
  'CREATE MACRO sf_floor_div(a, b) AS (CAST(a AS HUGEINT) + CAST(b AS HUGEINT) * 1000000000000000000000) // CAST(b AS HUGEINT) - 1000000000000000000000',
  'CREATE MACRO sf_floor_mod(a, b) AS (CAST(a AS HUGEINT) + CAST(b AS HUGEINT) * 1000000000000000000000) % CAST(b AS HUGEINT)',
  // TIMESTAMP_TZ without its offset: see duckDbType.
  'CREATE MACRO sf_instant(a) AS (CAST(a AS HUGEINT) + 4096000000000000000000000) // 4096 - 1000000000000000000000',
  `CREATE MACRO sf_float_divide(a, b) AS CASE WHEN b = 0 THEN ${DIVISION_BY_ZERO} ELSE a / b END`,
  `CREATE MACRO sf_modulo(a, b) AS CASE WHEN b = 0 THEN ${DIVISION_BY_ZERO} ELSE a % b END`,
];

/** Runs SQL and gives all rows; DuckDB's errors come out as Snowflake's. */
export async function runSql(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS();
  } catch (error) {
    throw fromDuckDb(error);
  }
}

/** A DuckDB string literal. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\0') ? `(${quoted.replaceAll('\0', "' || chr(0) || '")})` : quoted;
}
