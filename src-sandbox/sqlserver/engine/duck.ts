import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { createRowCounter, type Storage } from './count-rows.ts';
import { fromDuckDb } from './errors.ts';
import { registerRowFunctions } from './row-functions.ts';
import { ScriptFunctions } from './script-functions.ts';

/** The DuckDB that holds the rows. */
export type Duck = {
  readonly scripts: ScriptFunctions;
  /** For what belongs to no session: DDL, loads, counts. */
  readonly main: DuckDBConnection;
  /** Committed rows of a table. */
  countRows(storage: Storage): Promise<number>;
  connect(): Promise<DuckDBConnection>;
  close(): void;
};

/** Opens a fresh database; `directory` null keeps it in memory. */
export async function openDuck(directory: string | null): Promise<Duck> {
  const settings = {
    memory_limit: '3GB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  };
  let instance: DuckDBInstance;
  if (directory === null) {
    instance = await DuckDBInstance.create(':memory:', settings);
  } else {
    mkdirSync(path.join(directory, 'spill'), { recursive: true });
    instance = await DuckDBInstance.create(path.join(directory, 'sqlserver.duckdb'), {
      ...settings,
      temp_directory: path.join(directory, 'spill'),
    });
  }
  const main = await instance.connect();
  const scripts = new ScriptFunctions();
  scripts.register(main);
  registerRowFunctions(main);
  return {
    scripts,
    main,
    countRows: createRowCounter(main),
    connect: () => instance.connect(),
    close: () => {
      main.closeSync();
      instance.closeSync();
    },
  };
}

/** Runs SQL for its rows; DuckDB's errors come out as the vendor's. */
export async function runRows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRows();
  } catch (error) {
    throw fromDuckDb(error);
  }
}
