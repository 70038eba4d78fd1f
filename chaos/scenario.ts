import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildConnections, buildWorkflow } from '../scripts/lib/practice-files.mjs';
import type { SandboxDescription } from './environment.ts';

export type SourceKind = 'redshift' | 'sqlserver';
export type Strategy = 'unload' | 'regular';

/** How rows can travel. */
export const WAYS: { source: SourceKind; strategy: Strategy }[] = [
  { source: 'redshift', strategy: 'unload' },
  { source: 'redshift', strategy: 'regular' },
  { source: 'sqlserver', strategy: 'regular' },
];

export interface TablePair {
  source: { schema: string; name: string };
  target: { database: string; schema: string; name: string };
}

/** One migration from its first start to its last row: files, directories and targets of its own. */
export interface Scenario {
  source: SourceKind;
  strategy: Strategy;
  workflowFile: string;
  connectionsFile: string;
  /** Where the product keeps its journal. */
  dataDirectory: string;
  /** Where it may put extracted files. */
  localDirectory: string;
  ledger: { database: string; schema: string };
  tables: TablePair[];
  remove(): void;
}

export interface ScenarioOptions {
  source: SourceKind;
  strategy: Strategy;
  sandbox: SandboxDescription;
  /** Tables of TPC-H, by their plain names. */
  tables: string[];
  /** The schema of the targets; made by the run. */
  schema: string;
  rowsPerPartition: number;
  /** Of the workflow, over what a scenario sets itself. */
  options?: Record<string, unknown>;
}

export function createScenario(given: ScenarioOptions): Scenario {
  const { source, strategy, sandbox, schema } = given;
  const folder = mkdtempSync(path.join(tmpdir(), 'snowferry-chaos-'));
  const localDirectory = path.join(folder, 'local');
  mkdirSync(localDirectory);
  const ledger = { database: 'SNOWCONVERT_AI', schema: `LEDGER_${schema}` };
  const tables = given.tables.map((name) => ({
    source: { schema: source === 'redshift' ? 'tpch' : 'dbo', name },
    target: { database: sandbox.snowflake.database, schema, name: name.toUpperCase() },
  }));
  const practice = buildWorkflow({ source, strategy, sandbox });
  const workflow = {
    ...practice,
    defaultTableConfiguration: {
      ...practice.defaultTableConfiguration,
      target: { databaseName: sandbox.snowflake.database, schemaName: schema },
      partitionSize: { maxRowsPerPartition: given.rowsPerPartition },
    },
    tables: tables.map(({ source: { name } }) => ({ source: { tableName: name } })),
    options: { maxAttempts: 5, localDirectory, ledger, ...given.options },
  };
  const write = (name: string, content: unknown): string => {
    const file = path.join(folder, name);
    writeFileSync(file, JSON.stringify(content, null, 2), { mode: 0o600 });
    return file;
  };
  return {
    source,
    strategy,
    workflowFile: write('workflow.json', workflow),
    connectionsFile: write('connections.json', buildConnections({ source, sandbox })),
    dataDirectory: path.join(folder, 'data'),
    localDirectory,
    ledger,
    tables,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
