import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { fromDuckDb } from '../errors.ts';
import { registerFunctions } from './functions.ts';

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

/** Runs SQL and gives all rows; DuckDB's errors come out as Snowflake's. */
export async function runSql(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Record<string, unknown>[];
  } catch (error) {
    throw fromDuckDb(error);
  }
}

/** A DuckDB string literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
