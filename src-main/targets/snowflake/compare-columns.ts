import type { ColumnType } from '#shared/model/column-type';
import type { ColumnDifference, TargetTable } from '#shared/model/table';
import { fitType, parseTargetType } from './column-types.ts';

export interface ComparedColumn {
  sourceName: string;
  targetName: string;
  type: ColumnType;
  nullable: boolean;
}

/** How the columns that would be loaded and an existing table differ; what stops the table comes first. */
export function compareColumns(request: { columns: ComparedColumn[]; target: TargetTable }): ColumnDifference[] {
  const byName = new Map(request.target.columns.map((column) => [column.name, column]));
  const differences: ColumnDifference[] = [];
  for (const column of request.columns) {
    const found = byName.get(column.targetName);
    if (!found) {
      differences.push(difference('missing-in-target', column, `the target has no column ${column.targetName}`, true));
      continue;
    }
    const parsed = parseTargetType(found.dataType);
    const fit = parsed
      ? fitType(column.type, parsed)
      : { kind: 'other' as const, detail: `${found.dataType} cannot be loaded from files` };
    if (fit.kind === 'other')
      differences.push(difference('type-other', column, `${found.dataType}: ${fit.detail}`, true));
    if (fit.kind === 'loses')
      differences.push(difference('type-narrower', column, `${found.dataType}: ${fit.detail}`, true));
    if (fit.kind === 'may-stop')
      differences.push(difference('type-narrower', column, `${found.dataType}: ${fit.detail}`, false));
    if (column.nullable && !found.nullable) {
      differences.push(
        difference('nullability', column, 'the source allows NULL, the target does not; a NULL stops the load', false),
      );
    }
  }
  differences.push(...extraColumns(request), ...orderDifferences(request));
  return differences.sort((left, right) => Number(right.blocks) - Number(left.blocks));
}

function extraColumns(request: { columns: ComparedColumn[]; target: TargetTable }): ColumnDifference[] {
  const loaded = new Set(request.columns.map((column) => column.targetName));
  return request.target.columns
    .filter((column) => !loaded.has(column.name))
    .map((column) => {
      const isRequired = !column.nullable && !column.hasDefault && !column.isIdentity;
      return {
        kind: isRequired ? ('required-in-target' as const) : ('extra-in-target' as const),
        sourceColumn: null,
        targetColumn: column.name,
        detail: isRequired
          ? `${column.name} must not be NULL and has no default, but nothing is loaded into it`
          : `${column.name} is only in the target and gets ${column.hasDefault ? 'its default' : column.isIdentity ? 'a generated number' : 'NULL'}`,
        blocks: isRequired,
      };
    });
}

/** Columns are loaded by name, so another order is a remark only; one line says it. */
function orderDifferences(request: { columns: ComparedColumn[]; target: TargetTable }): ColumnDifference[] {
  const targetNames = request.target.columns.map((column) => column.name);
  const shared = request.columns.map((column) => column.targetName).filter((name) => targetNames.includes(name));
  const sharedNames = new Set(shared);
  const inTarget = targetNames.filter((name) => sharedNames.has(name));
  if (shared.every((name, index) => inTarget[index] === name)) return [];
  return [
    {
      kind: 'order',
      sourceColumn: null,
      targetColumn: null,
      detail: 'the columns are in another order; they are loaded by name',
      blocks: false,
    },
  ];
}

function difference(
  kind: ColumnDifference['kind'],
  column: ComparedColumn,
  detail: string,
  blocks: boolean,
): ColumnDifference {
  return { kind, sourceColumn: column.sourceName, targetColumn: column.targetName, detail, blocks };
}
