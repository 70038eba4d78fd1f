import { createHash } from 'node:crypto';
import { AppError, toErrorValue, type ErrorValue } from '#shared/errors/app-error';
import type { ColumnPlan, LeftOutColumn, PartitionTask, TableTask } from '#shared/model/plan';
import {
  columnChoiceSchema,
  type ColumnChoice,
  type RunOptions,
  type TableSelection,
  type TargetRule,
} from '#shared/model/project';
import {
  tableKey,
  tableLabel,
  type ColumnDescription,
  type TableDescription,
  type TableRef,
  type TargetTable,
} from '#shared/model/table';
import type { SourceDialect, ValueRisk } from '../sources/source.ts';
import type { TargetDialect } from '../targets/target.ts';
import { applyCase } from './name-target.ts';

export interface BuildTableTaskInput {
  selection: TableSelection;
  /** Null when the source table does not exist. */
  description: TableDescription | null;
  target: TableRef;
  /** Null when the target table does not exist. */
  targetTable: TargetTable | null;
  /** False when a missing target's database is not there either: schemas and tables are created, databases are not. */
  hasDatabase: boolean;
  risks: ValueRisk[];
  /** Cut points for the partitions, as tuples of literals of the source; null for one partition. */
  cut: { columns: string[]; boundaries: string[][] } | null;
  strategy: 'unload' | 'regular';
  rule: TargetRule;
  options: RunOptions;
  source: SourceDialect;
  targetDialect: TargetDialect;
}

/** Everything that will happen to one table, decided and written down; what cannot run is `blocked` with its reason. Pure. */
export function buildTableTask(input: BuildTableTaskInput): TableTask {
  const { selection, description, target, targetTable, options } = input;
  const base = {
    id: tableId(selection.source, target),
    source: selection.source,
    target,
    targetState: targetTable ? ('exists' as const) : ('missing' as const),
    targetRows: targetTable?.rowCount ?? null,
    existingRows: selection.existingRows ?? options.existingRows,
    where: selection.where.trim(),
  };
  if (!description) {
    const error = new AppError('SOURCE_TABLE_NOT_FOUND', {
      facts: { table: tableLabel(selection.source), user: 'the user' },
    });
    return {
      ...base,
      columns: [],
      leftOut: [],
      differences: [],
      createDdl: null,
      partitions: [],
      expectedRows: null,
      expectedBytes: null,
      blocked: toErrorValue(error),
    };
  }
  const { columns, leftOut, problem } = planColumns(input, description);
  const isMissing = targetTable === null;
  const differences = isMissing ? [] : compareWithTarget(input, description, columns, targetTable);
  const partitions = planPartitions(input, description);
  return {
    ...base,
    columns,
    leftOut,
    differences,
    createDdl: isMissing && options.createMissingTargets ? createDdl(input, description, columns) : null,
    partitions,
    expectedRows: base.where === '' ? description.rowEstimate : null,
    expectedBytes: base.where === '' ? description.byteEstimate : null,
    blocked: problem ?? findBlock(input, { columns, leftOut, differences }),
  };
}

/** Stable over plans: the same pair of tables keeps its id, so that a ledger row can be traced. */
export function tableId(source: TableRef, target: TableRef): string {
  return createHash('sha256').update(tableKey(source)).update(tableKey(target)).digest('hex').slice(0, 16);
}

interface PlannedColumns {
  columns: ColumnPlan[];
  leftOut: LeftOutColumn[];
  problem: ErrorValue | null;
}

function planColumns(input: BuildTableTaskInput, description: TableDescription): PlannedColumns {
  const planned: PlannedColumns = { columns: [], leftOut: [], problem: null };
  const choices = new Map(input.selection.columns.map((choice) => [choice.sourceName, choice]));
  for (const column of description.columns) {
    const choice = withMappedType(
      columnChoiceSchema.parse(choices.get(column.name) ?? { sourceName: column.name }),
      column,
      input.selection,
    );
    const result = planColumn(input, column, choice, planned.columns.length + 1);
    if (result.kind === 'column') planned.columns.push(result.column);
    else if (result.kind === 'left-out') planned.leftOut.push(result.column);
    else planned.problem ??= toErrorValue(result.error);
  }
  return planned;
}

/** What the user said of one column goes before what was said of its type. */
function withMappedType(
  choice: ColumnChoice,
  column: ColumnDescription,
  { typeMappings }: TableSelection,
): ColumnChoice {
  if (choice.targetType !== null) return choice;
  const fullType = normalizeType(column.nativeType);
  const bareType = fullType.replace(/\(.*\)/, '');
  const find = (type: string): string | undefined =>
    typeMappings.find(({ sourceType }) => normalizeType(sourceType) === type)?.targetType;
  return { ...choice, targetType: find(fullType) ?? find(bareType) ?? null };
}

function normalizeType(type: string): string {
  return type
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/ ?([(),]) ?/g, '$1')
    .trim();
}

type PlannedColumn =
  | { kind: 'column'; column: ColumnPlan }
  | { kind: 'left-out'; column: LeftOutColumn }
  | { kind: 'problem'; error: AppError };

function planColumn(
  input: BuildTableTaskInput,
  column: ColumnDescription,
  choice: ColumnChoice,
  number: number,
): PlannedColumn {
  const leftOut = (reason: string): PlannedColumn => ({
    kind: 'left-out',
    column: { sourceName: column.name, nativeType: column.nativeType, reason },
  });
  if (choice.handling === 'leave-out') return leftOut('The column is left out by choice.');

  const targetColumn = findTargetColumn(input, column, choice);
  const risk = input.risks.find((found) => found.column === column.name) ?? null;
  const nullOutOfRange = choice.handling === 'null-out-of-range';
  const needsText = risk !== null && !nullOutOfRange && canHoldText(targetColumn?.dataType ?? choice.targetType);
  const carry = input.source.carry(column, input.strategy, { asText: needsText });
  if (carry.kind === 'not-carried') return leftOut(carry.reason);

  const facts = { table: tableLabel(input.selection.source), column: column.name, type: column.nativeType };
  const isText = needsText && carry.carrier.startsWith('iso-');
  if (risk && !nullOutOfRange && !isText) {
    return {
      kind: 'problem',
      error: new AppError('VALUES_NOT_CARRIED', { facts: { ...facts, count: risk.count, detail: risk.detail } }),
    };
  }
  const targetType =
    targetColumn?.dataType ?? choice.targetType ?? (isText ? 'VARCHAR' : input.targetDialect.inferType(column.type));
  const load = input.targetDialect.loadExpression({
    alias: `c${number}`,
    carrier: carry.carrier,
    type: column.type,
    targetType,
    nullOutOfRange,
  });
  if (load.kind === 'cannot-load') {
    return { kind: 'problem', error: new AppError('COLUMN_NOT_CARRIED', { facts: { ...facts, detail: load.reason } }) };
  }
  const riskNotes = risk ? [riskNote(risk, nullOutOfRange)] : [];
  return {
    kind: 'column',
    column: {
      sourceName: column.name,
      nativeType: column.nativeType,
      type: column.type,
      alias: `c${number}`,
      sourceExpression: carry.expression,
      carrier: carry.carrier,
      targetName: targetColumn?.name ?? targetColumnName(input, column, choice),
      targetType,
      loadExpression: load.expression,
      notes: [...carry.notes, ...load.notes, ...riskNotes],
    },
  };
}

function riskNote(risk: ValueRisk, nullOutOfRange: boolean): string {
  return nullOutOfRange
    ? `${risk.count} values are loaded as NULL: ${risk.detail}.`
    : `${risk.count} values are outside the range of Snowflake's type, so the whole column is loaded as text: ${risk.detail}.`;
}

function targetColumnName(input: BuildTableTaskInput, column: ColumnDescription, choice: ColumnChoice): string {
  return choice.targetName ?? applyCase(column.name, input.rule);
}

/** The existing column that a source column goes to: the exact name first, then the only one that differs in case. */
function findTargetColumn(
  input: BuildTableTaskInput,
  column: ColumnDescription,
  choice: ColumnChoice,
): TargetTable['columns'][number] | null {
  const columns = input.targetTable?.columns ?? [];
  const wanted = targetColumnName(input, column, choice);
  const exact =
    columns.find((candidate) => candidate.name === wanted) ??
    columns.find((candidate) => candidate.name === column.name);
  if (exact) return exact;
  const alike = columns.filter((candidate) => candidate.name.toLowerCase() === wanted.toLowerCase());
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

/** A missing target gets a text column when it must; an existing one only takes text when it is text already. */
function canHoldText(targetType: string | null | undefined): boolean {
  return targetType === null || targetType === undefined || /^(VARCHAR|TEXT|STRING)/i.test(targetType);
}

function compareWithTarget(
  input: BuildTableTaskInput,
  description: TableDescription,
  columns: ColumnPlan[],
  target: TargetTable,
): TableTask['differences'] {
  const nullable = new Map(description.columns.map((column) => [column.name, column.nullable]));
  return input.targetDialect.compareColumns({
    columns: columns.map(({ sourceName, targetName, type }) => ({
      sourceName,
      targetName,
      type,
      nullable: nullable.get(sourceName) ?? true,
    })),
    target,
  });
}

function createDdl(input: BuildTableTaskInput, description: TableDescription, columns: ColumnPlan[]): string {
  const nullable = new Map(description.columns.map((column) => [column.name, column.nullable]));
  const targetNames = new Map(columns.map((column) => [column.sourceName, column.targetName]));
  const key = description.primaryKey.map((name) => targetNames.get(name));
  return input.targetDialect.createTable({
    table: input.target,
    columns: columns.map(({ sourceName, targetName, targetType }) => ({
      name: targetName,
      dataType: targetType,
      nullable: nullable.get(sourceName) ?? true,
    })),
    primaryKey: key.every((name) => name !== undefined) ? key : [],
    comment: null,
  });
}

/** Why a table cannot run although its columns can travel. */
function findBlock(
  input: BuildTableTaskInput,
  found: Pick<TableTask, 'columns' | 'leftOut' | 'differences'>,
): ErrorValue | null {
  const { target, targetTable, options, selection } = input;
  const label = tableLabel(target);
  if (!targetTable && !input.hasDatabase) {
    return toErrorValue(
      new AppError('DATABASE_NOT_FOUND', {
        facts: { database: target.database, server: 'Snowflake', user: 'the role' },
      }),
    );
  }
  if (!targetTable && !options.createMissingTargets)
    return toErrorValue(new AppError('TARGET_TABLE_NOT_FOUND', { facts: { table: label } }));
  const blocking = found.differences.filter((difference) => difference.blocks);
  if (blocking.length > 0) {
    return toErrorValue(
      new AppError('TARGET_COLUMNS_DIFFER', {
        facts: { table: label, detail: blocking.map(({ detail }) => detail).join('; ') },
      }),
    );
  }
  if (found.columns.length === 0) {
    const detail =
      found.leftOut.length === 0 ? 'the source table has no columns' : 'none of its columns can be carried';
    return toErrorValue(
      new AppError('TARGET_COLUMNS_DIFFER', { facts: { table: tableLabel(selection.source), detail } }),
    );
  }
  const duplicate = firstDuplicate(found.columns.map((column) => column.targetName));
  if (duplicate !== null) {
    const detail = `two source columns go to the column ${duplicate}; give one of them another name, or keep the case of names`;
    return toErrorValue(new AppError('TARGET_COLUMNS_DIFFER', { facts: { table: label, detail } }));
  }
  const policy = selection.existingRows ?? options.existingRows;
  if (policy === 'stop' && targetTable?.rowCount) {
    return toErrorValue(new AppError('TARGET_NOT_EMPTY', { facts: { table: label, rows: targetTable.rowCount } }));
  }
  return null;
}

function firstDuplicate(names: string[]): string | null {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

function planPartitions(input: BuildTableTaskInput, description: TableDescription): PartitionTask[] {
  const { cut, source } = input;
  const where = input.selection.where.trim();
  const columns = (cut?.columns ?? []).map((key) => ({
    name: key,
    nullable: description.columns.find(({ name }) => name === key)?.nullable ?? true,
  }));
  if (!cut || cut.boundaries.length === 0) {
    return [
      {
        id: 'p0',
        index: 0,
        label: 'all rows',
        sourcePredicate: null,
        expectedRows: where ? null : description.rowEstimate,
        expectedBytes: where ? null : description.byteEstimate,
      },
    ];
  }
  const ranges = source.rangePredicates(columns, cut.boundaries);
  const share = (estimate: number | null): number | null =>
    estimate === null || where ? null : Math.round(estimate / ranges.length);
  return ranges.map(({ label, predicate }, index) => ({
    id: `p${index}`,
    index,
    label,
    sourcePredicate: predicate,
    expectedRows: share(description.rowEstimate),
    expectedBytes: share(description.byteEstimate),
  }));
}
