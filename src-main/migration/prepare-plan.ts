import { randomUUID } from 'node:crypto';
import { AppError, toErrorValue } from '#shared/errors/app-error';
import type { StagingSettings } from '#shared/model/connection-settings';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { PartitionSize, TableSelection } from '#shared/model/project';
import { tableLabel, type TableDescription, type TableRef, type TargetTable } from '#shared/model/table';
import { createSemaphore } from '../lib/semaphore.ts';
import type { Cancellable, RiskKind, Source, ValueRisk } from '../sources/source.ts';
import type { Target } from '../targets/target.ts';
import { buildTableTask, type BuildTableTaskInput } from './build-table-task.ts';
import { nameTarget } from './name-target.ts';
import type { PlanInput } from './plan-input.ts';

/** UNLOAD is parallel inside the cluster already: a table is cut only for the sake of resuming, when it is this large. */
const AUTO_PARTITION_BYTES = { unload: 64_000_000_000, regular: 512_000_000 };
const MOST_PARTITIONS = 10_000;
const PROFILE_LANES = 4;

export interface PreparePlanOptions extends Cancellable {
  source: Source;
  target: Target;
  /** Reads the values of risky columns; false for a quick look at one table. */
  withProfile: boolean;
}

/** Asks both sides what is there and decides what will happen to every table. Nothing is changed on either side. */
export async function preparePlan(input: PlanInput, options: PreparePlanOptions): Promise<MigrationPlan> {
  if (input.selection.length === 0) throw new AppError('NO_TABLES_SELECTED');
  const { source, target, signal } = options;
  requireStrategy(input, source);
  const targets = input.selection.map((selection) => nameTarget(selection, input.targetRule));
  const stagePrefix = input.staging ? await findStagePrefix(input.staging, target, signal) : '';
  const [descriptions, targetTables, reads] = await Promise.all([
    source.describeTables(
      input.selection.map((selection) => selection.source),
      { signal },
    ),
    target.describeTables(targets, { signal }),
    input.options.isolation === 'snapshot-if-allowed' ? source.describeReads?.({ signal }) : undefined,
  ]);
  const databases = await visibleDatabases(targetTables, target, signal);
  const lanes = createSemaphore(PROFILE_LANES);
  const tables = await Promise.all(
    input.selection.map((selection, index) =>
      lanes.run(
        () =>
          prepareTable(input, options, {
            selection,
            description: descriptions[index] ?? null,
            target: targets[index] as TableRef,
            targetTable: targetTables[index] ?? null,
            hasDatabase: databases?.has((targets[index] as TableRef).database) ?? true,
          }),
        signal,
      ),
    ),
  );
  return {
    id: randomUUID(),
    projectId: input.projectId,
    createdAt: new Date().toISOString(),
    strategy: input.strategy,
    staging: input.staging,
    stagePrefix,
    options: input.options,
    tables: blockSharedTargets(tables, target),
    remarks: [...planRemarks(input, { tables, reads: reads ?? null }), ...catalogRemarks(descriptions)],
  };
}

/** How to reach the S3 URI through the stage; rejects with STAGE_NOT_COVERING when the stage points elsewhere. */
export async function findStagePrefix(staging: StagingSettings, target: Target, signal: AbortSignal): Promise<string> {
  const { url } = await target.describeStage(staging.stage, { signal });
  const base = url === null ? null : url.endsWith('/') ? url : `${url}/`;
  if (base === null || !staging.s3Uri.startsWith(base)) {
    const { database, schema, name } = staging.stage;
    throw new AppError('STAGE_NOT_COVERING', {
      facts: { stage: `${database}.${schema}.${name}`, stageUrl: url ?? 'an internal location', uri: staging.s3Uri },
      field: 'staging.stage',
    });
  }
  return staging.s3Uri.slice(base.length);
}

interface TableFacts {
  selection: TableSelection;
  description: TableDescription | null;
  target: TableRef;
  targetTable: TargetTable | null;
  hasDatabase: boolean;
}

/** What the strategy needs of the source; said before anything is asked of either side. */
function requireStrategy({ strategy }: PlanInput, source: Source): void {
  if (strategy === 'unload' && !source.unload)
    throw new AppError('NOT_SUPPORTED', { facts: { detail: 'This source cannot write to S3 itself.' } });
}

/** Names of the databases that the role sees; null when every target exists, so that nobody needs to ask. */
async function visibleDatabases(
  targetTables: (TargetTable | null)[],
  target: Target,
  signal: AbortSignal,
): Promise<Set<string> | null> {
  if (targetTables.every((table) => table !== null)) return null;
  return new Set((await target.list({ what: 'databases' }, { signal })).map(({ name }) => name));
}

async function prepareTable(
  input: PlanInput,
  { source, target, withProfile, signal }: PreparePlanOptions,
  facts: TableFacts,
): Promise<TableTask> {
  const build: BuildTableTaskInput = {
    ...facts,
    risks: [],
    cut: null,
    strategy: input.strategy,
    rule: input.targetRule,
    options: input.options,
    source: source.dialect,
    targetDialect: target.dialect,
  };
  const draft = buildTableTask(build);
  if (draft.blocked || !facts.description || !withProfile) return draft;
  const [risks, cut] = await Promise.all([
    findRisks(source, { input, selection: facts.selection, description: facts.description, signal }),
    findCut(source, { input, selection: facts.selection, description: facts.description, signal }),
  ]);
  return risks.length === 0 && cut === null ? draft : buildTableTask({ ...build, risks, cut });
}

interface LookAtTable extends Cancellable {
  input: PlanInput;
  selection: TableSelection;
  description: TableDescription;
}

/** Values that cannot travel although their type can, found by one scan of the columns at risk. */
async function findRisks(source: Source, { input, selection, description, signal }: LookAtTable): Promise<ValueRisk[]> {
  const leftOut = new Set(
    selection.columns.filter((choice) => choice.handling === 'leave-out').map((choice) => choice.sourceName),
  );
  const columns = description.columns.flatMap((column) => {
    const carry = source.dialect.carry(column, input.strategy);
    const risk: RiskKind | null = carry.kind === 'carried' && !leftOut.has(column.name) ? carry.risk : null;
    return risk ? [{ name: column.name, type: column.type, nativeType: column.nativeType, risk }] : [];
  });
  if (columns.length === 0) return [];
  return source.profileValues({ table: description.ref, where: selection.where.trim() || null, columns }, { signal });
}

/** Where to cut a table, or null to leave it whole. */
async function findCut(
  source: Source,
  { input, selection, description, signal }: LookAtTable,
): Promise<BuildTableTaskInput['cut']> {
  const columns = selection.partitionBy?.length ? selection.partitionBy : description.partitionKeys;
  if (columns.length === 0) return null;
  const missing = columns.find((name) => !description.columns.some((column) => column.name === name));
  if (missing !== undefined) {
    throw new AppError('INPUT_INVALID', {
      facts: { detail: `${description.ref.schema}.${description.ref.name} has no column ${missing} to partition by.` },
    });
  }
  const part = { table: description.ref, where: selection.where.trim() || null };
  const size = selection.partitionSize ?? { kind: 'auto' };
  // A view has no statistics, nor has a table before its first ANALYZE.
  const isUnknown = size.kind === 'rows' && description.rowEstimate === null;
  const rowEstimate = isUnknown ? await source.countRows(part, { signal }) : description.rowEstimate;
  const count = partitionCount(size, { ...description, rowEstimate }, input.strategy);
  if (count < 2) return null;
  const boundaries = await source.quantiles({ ...part, columns, count }, { signal });
  return { columns, boundaries };
}

/** How many partitions a table is cut into; one when its size is not known. */
export function partitionCount(
  size: PartitionSize,
  description: Pick<TableDescription, 'rowEstimate' | 'byteEstimate'>,
  strategy: 'unload' | 'regular',
): number {
  const wanted = (total: number | null, each: number): number => (total === null ? 1 : Math.ceil(total / each));
  const count =
    size.kind === 'rows'
      ? wanted(description.rowEstimate, size.maxRowsPerPartition)
      : wanted(
          description.byteEstimate,
          size.kind === 'megabytes' ? size.targetSizeMb * 1_000_000 : AUTO_PARTITION_BYTES[strategy],
        );
  return Math.max(1, Math.min(MOST_PARTITIONS, count));
}

/** Two tables that would go into one target are a mistake far more often than a wish. */
function blockSharedTargets(tables: TableTask[], target: Target): TableTask[] {
  const byTarget = new Map<string, TableTask[]>();
  for (const table of tables) {
    const key = target.dialect.tableName(table.target);
    byTarget.set(key, [...(byTarget.get(key) ?? []), table]);
  }
  return tables.map((table) => {
    const sharing = byTarget.get(target.dialect.tableName(table.target)) ?? [];
    if (sharing.length < 2 || table.blocked) return table;
    const others = sharing
      .filter((other) => other !== table)
      .map((other) => `${other.source.schema}.${other.source.name}`);
    const detail = `${others.join(', ')} would be loaded into the same table; give one of them another target`;
    return {
      ...table,
      blocked: toErrorValue(
        new AppError('TARGET_COLUMNS_DIFFER', { facts: { table: tableLabel(table.target), detail } }),
      ),
    };
  });
}

function planRemarks(input: PlanInput, { tables, reads }: { tables: TableTask[]; reads: string | null }): string[] {
  const remarks: string[] = [];
  if (reads !== null) remarks.push(`The source is read with ${reads}.`);
  const isCut = tables.some((table) => table.partitions.length > 1);
  remarks.push(
    isCut
      ? 'Partitions are read at different moments. Rows that change in the source during the run may be missed or read twice: run it on a quiet source.'
      : 'Each table is read by one statement, but different tables at different moments. Run it on a quiet source when tables must agree with each other.',
  );
  if (input.strategy === 'unload' && input.staging?.credentials === null) {
    remarks.push(
      'There are no keys for clean-up. Staged files are removed through the stage if it allows that; otherwise they stay in the bucket.',
    );
  }
  if (input.strategy === 'regular') {
    remarks.push(
      'The rows pass through this computer: they are read here, written to temporary files and uploaded to an internal stage. The run goes on only while this computer is on and connected.',
    );
  }
  if (input.options.isolation === 'read-committed') {
    remarks.push(
      'The source is read with READ COMMITTED, as chosen. Without row versions in the database, reading waits for rows that others change, and rows that move meanwhile may be missed or read twice.',
    );
  }
  if (input.options.isolation === 'read-uncommitted') {
    remarks.push(
      'The source is read without locks (NOLOCK). Rows that were never committed may be copied, and rows that are moved meanwhile may be missed or read twice.',
    );
  }
  if (input.options.cleanUp === 'never') {
    remarks.push(
      `Staged files stay in the ${input.strategy === 'unload' ? 'bucket' : 'internal stage'} after the run.`,
    );
  }
  const leftOut = tables.reduce((sum, table) => sum + table.leftOut.length, 0);
  if (leftOut > 0)
    remarks.push(
      `${leftOut} ${leftOut === 1 ? 'column is' : 'columns are'} not carried. Each is listed with its reason.`,
    );
  return remarks;
}

/** What the source's catalog could not tell, once for all tables that it is true of. */
function catalogRemarks(descriptions: (TableDescription | null)[]): string[] {
  const tables = new Map<string, string[]>();
  for (const description of descriptions)
    for (const remark of description?.remarks ?? []) {
      const names = tables.get(remark) ?? [];
      if (description) names.push(tableLabel(description.ref));
      tables.set(remark, names);
    }
  return [...tables].map(([remark, names]) =>
    names.length === 1 ? `${names.join('')}: ${remark}` : `${names.length} tables: ${remark}`,
  );
}
