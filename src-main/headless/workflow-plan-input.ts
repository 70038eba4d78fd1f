import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors/app-error';
import type { ConnectionsFile } from '#shared/model/connections-file';
import { stagingSettingsSchema, type SourceKind, type StagingSettings } from '#shared/model/connection-settings';
import {
  runOptionsSchema,
  tableSelectionSchema,
  targetRuleSchema,
  type PartitionSize,
  type RunOptions,
  type TableSelection,
} from '#shared/model/project';
import type { TableRef } from '#shared/model/table';
import type { TableConfiguration, WorkflowFile } from '#shared/model/workflow-file';
import type { PlanInput } from '../migration/plan-input.ts';

type Extraction = NonNullable<TableConfiguration['extraction']>;

/** Turns a workflow file into what a plan is made from. What this version cannot do is refused by name, never left out silently. Pure. */
export function workflowPlanInput(
  workflow: WorkflowFile,
  connections: ConnectionsFile,
  workflowPath: string,
): PlanInput {
  const { source } = connections;
  const tables = workflow.tables.map((table) => mergeConfiguration(workflow.defaultTableConfiguration ?? {}, table));
  tables.forEach(refuseUnknown);
  const extraction = commonExtraction(tables, source.kind);
  return {
    projectId: workflowId(workflowPath),
    strategy: extraction.strategy,
    staging: extraction.strategy === 'unload' ? toStaging(connections, extraction) : null,
    targetRule: targetRuleSchema.parse({}),
    options: toOptions(workflow),
    selection: tables.map((table, index) => toSelection(table, index, source)),
  };
}

/** Runs of the same workflow file belong together: `resume` and `status` find them by its path. */
export function workflowId(path: string): string {
  return `workflow-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;
}

/** Objects are merged key by key, everything else is replaced: https://docs.snowflake.com/en/migrations/snowconvert-docs/general/user-guide/data-migration */
function mergeConfiguration(defaults: TableConfiguration, table: TableConfiguration): TableConfiguration {
  return {
    ...defaults,
    ...table,
    source: { ...defaults.source, ...table.source },
    target: { ...defaults.target, ...table.target },
    extraction: table.extraction ?? defaults.extraction,
    synchronization: table.synchronization ?? defaults.synchronization,
  };
}

function refuseUnknown(table: TableConfiguration): void {
  const name = table.source?.tableName ?? 'a table';
  if (table.target?.tableType === 'iceberg')
    throw notSupported(`${name}: Iceberg tables are not supported as targets.`);
  const strategy = table.synchronization?.strategy ?? 'none';
  if (strategy !== 'none')
    throw notSupported(`${name}: the synchronization strategy ${strategy} is not supported; every run moves all rows.`);
}

function commonExtraction(tables: TableConfiguration[], kind: SourceKind): Extraction {
  const all = tables.map((table): Extraction => table.extraction ?? { strategy: 'regular' });
  const first = all[0] ?? { strategy: 'regular' };
  const different = all.find(
    (extraction) => extraction.strategy !== first.strategy || extraction.externalStage !== first.externalStage,
  );
  if (different)
    throw notSupported(
      'All tables of a workflow must use the same extraction strategy and stage. Split it into several workflows.',
    );
  if (first.strategy === 'unload' && kind !== 'redshift')
    throw notSupported('The extraction strategy unload is for Redshift only.');
  return first;
}

function toStaging(connections: ConnectionsFile, extraction: Extraction): StagingSettings {
  const { staging } = connections;
  if (!staging)
    throw invalid('The strategy unload needs "staging" in the connections file: s3Uri and iamRole at least.');
  const stage = extraction.externalStage ? toStage(extraction.externalStage) : staging.stage;
  if (!stage)
    throw invalid(
      'The strategy unload needs the stage: extraction.externalStage in the workflow, or staging.stage in the connections file.',
    );
  return stagingSettingsSchema.parse({ ...staging, stage });
}

function toStage(text: string): StagingSettings['stage'] {
  const parts = splitName(text.replace(/^@/, '')).map((part) => readName(part, 'snowflake'));
  const [database, schema, name] = parts;
  if (parts.length !== 3 || !database || !schema || !name)
    throw invalid(`The stage ${text} must have three parts: DATABASE.SCHEMA.STAGE.`);
  return { database, schema, name };
}

function toOptions(workflow: WorkflowFile): RunOptions {
  const parsed = runOptionsSchema.safeParse({
    ...workflow.options,
    createMissingTargets: workflow.createMissingTargets ?? true,
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(`The workflow's options.${issue?.path.join('.') ?? ''} is not valid: ${issue?.message ?? ''}`);
}

function toSelection(table: TableConfiguration, index: number, source: ConnectionsFile['source']): TableSelection {
  const where = `tables[${index}]`;
  const sourceRef = toSourceRef(table, where, source);
  const read = (name: string): string => readName(name, source.kind);
  return tableSelectionSchema.parse({
    source: sourceRef,
    target: toTargetRef(table, sourceRef, where),
    existingRows: table.existingRows ?? null,
    partitionBy: table.columnNamesToPartitionBy?.map(read) ?? null,
    partitionSize: toPartitionSize(table),
    where: table.whereClauseCriteria ?? '',
    columns: (table.columnNameMappings ?? []).map(({ sourceName, targetName }) => ({
      sourceName: read(sourceName),
      targetName: readName(targetName, 'snowflake'),
    })),
    typeMappings: table.columnTypeMappings ?? [],
  });
}

function toSourceRef(table: TableConfiguration, where: string, source: ConnectionsFile['source']): TableRef {
  const { databaseName, schemaName, tableName } = table.source ?? {};
  if (!schemaName || !tableName) throw invalid(`${where}.source needs schemaName and tableName.`);
  const database = databaseName === undefined ? source.database : readName(databaseName, source.kind);
  if (database.toLowerCase() !== source.database.toLowerCase()) {
    throw invalid(
      `${where}.source is in the database ${database}, the connection is to ${source.database}. One workflow reads from one database.`,
    );
  }
  return {
    database: source.database,
    schema: readName(schemaName, source.kind),
    name: readName(tableName, source.kind),
  };
}

function toTargetRef(table: TableConfiguration, source: TableRef, where: string): TableRef {
  const { databaseName, schemaName, tableName } = table.target ?? {};
  if (!databaseName) throw invalid(`${where}.target needs databaseName.`);
  const fold = (name: string): string => readName(name, 'snowflake');
  return {
    database: fold(databaseName),
    schema: fold(schemaName ?? source.schema),
    name: fold(tableName ?? source.name),
  };
}

function toPartitionSize(table: TableConfiguration): PartitionSize | null {
  if (table.targetPartitionSizeMb !== undefined && table.targetPartitionSizeRows !== undefined) {
    throw invalid('Give targetPartitionSizeMb or targetPartitionSizeRows, not both.');
  }
  if (table.targetPartitionSizeMb !== undefined)
    return { kind: 'megabytes', targetSizeMb: table.targetPartitionSizeMb };
  if (table.targetPartitionSizeRows !== undefined)
    return { kind: 'rows', maxRowsPerPartition: table.targetPartitionSizeRows };
  const size = table.partitionSize;
  if (size === undefined) return null;
  if (size === 'auto') return { kind: 'auto' };
  return 'targetSizeMb' in size
    ? { kind: 'megabytes', targetSizeMb: size.targetSizeMb }
    : { kind: 'rows', maxRowsPerPartition: size.maxRowsPerPartition };
}

/**
 * A name as the workflow's author writes it: in quotes or brackets it is kept, without them it folds as the database folds it: Snowflake to upper case,
 * Redshift to lower case (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html), SQL Server not at all.
 */
export function readName(text: string, dialect: SourceKind | 'snowflake'): string {
  const quoted = /^"((?:[^"]|"")+)"$/.exec(text);
  if (quoted?.[1] !== undefined) return quoted[1].replaceAll('""', '"');
  const bracketed = /^\[((?:[^\]]|\]\])+)\]$/.exec(text);
  if (bracketed?.[1] !== undefined && dialect === 'sqlserver') return bracketed[1].replaceAll(']]', ']');
  if (dialect === 'snowflake') return text.toUpperCase();
  return dialect === 'redshift' ? text.toLowerCase() : text;
}

/** Splits `A."b.c".D` at the dots outside quotes. */
function splitName(text: string): string[] {
  return text.match(/"(?:[^"]|"")*"|[^.]+/g) ?? [];
}

function notSupported(detail: string): AppError {
  return new AppError('NOT_SUPPORTED', { facts: { detail } });
}

function invalid(detail: string): AppError {
  return new AppError('INPUT_INVALID', { facts: { detail } });
}
