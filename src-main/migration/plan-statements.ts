import { AppError } from '#shared/errors/app-error';
import type { MigrationPlan, PartitionStatements, PartitionTask, TableTask } from '#shared/model/plan';
import type { ReadRequest, SelectRequest, SourceDialect, UnloadRequest } from '../sources/source.ts';
import type { TargetDialect } from '../targets/target.ts';
import { attemptPath, attemptUri } from './attempt-path.ts';
import { planStage, stagePath } from './stage-place.ts';

export interface StatementDialects {
  source: SourceDialect;
  target: TargetDialect;
}

/** The statements of one partition as they will run, for reading before the run; `{attempt}` stands for the id that each attempt gets. */
export function planStatements(
  plan: MigrationPlan,
  request: { tableId: string; partitionId: string },
  dialects: StatementDialects,
): PartitionStatements {
  const table = plan.tables.find(({ id }) => id === request.tableId);
  const partition = table?.partitions.find(({ id }) => id === request.partitionId);
  if (!table || !partition)
    throw new AppError('INPUT_INVALID', { facts: { detail: 'The plan has no such partition.' } });
  const place = { runId: '{run}', tableId: table.id, partitionId: partition.id, attemptId: '{attempt}' };
  const select = selectRequest(table, partition);
  const extract =
    plan.strategy === 'unload' && plan.staging && dialects.source.unloadStatement
      ? dialects.source.unloadStatement(unloadRequest(plan, select, attemptUri(plan.staging.s3Uri, place)))
      : dialects.source.selectStatement(select);
  const load = dialects.target.loadStatements({
    ...place,
    table: table.target,
    columns: table.columns,
    stage: planStage(plan),
    path: stagePath(plan, attemptPath(place)),
    files: [plan.strategy === 'unload' ? '0000_part_00.parquet' : 'part-00000.parquet', '…'],
    ledger: plan.options.ledger,
    fileDigest: '{digest}',
    deletePredicate: null,
  });
  return { extract, load };
}

export function selectRequest(table: TableTask, partition: PartitionTask): SelectRequest {
  const conditions = [table.where, partition.sourcePredicate ?? ''].filter((condition) => condition !== '');
  return {
    table: table.source,
    columns: table.columns.map(({ sourceExpression, alias }) => ({ expression: sourceExpression, alias })),
    conditions,
  };
}

export function readRequest(
  plan: MigrationPlan,
  { table, partition, dialect }: { table: TableTask; partition: PartitionTask; dialect: SourceDialect },
): ReadRequest {
  return {
    statement: dialect.selectStatement(selectRequest(table, partition)),
    table: table.source,
    columns: table.columns.map(({ alias, sourceName, nativeType, type, carrier }) => ({
      alias,
      sourceName,
      nativeType,
      type,
      carrier,
    })),
    isolation: plan.options.isolation,
  };
}

export function unloadRequest(plan: MigrationPlan, select: SelectRequest, uri: string): UnloadRequest {
  if (!plan.staging)
    throw new AppError('INPUT_INVALID', { facts: { detail: 'The page "Set up S3 bucket" is not filled in yet.' } });
  const { iamRole, region, encryption } = plan.staging;
  return { select, uri, iamRole, region, encryption, maxFileSizeMb: plan.options.maxFileSizeMb };
}
