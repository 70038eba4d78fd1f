import type { SqlValue } from '../../engine-contract.ts';
import type { DdlStatement } from '../../sql/ast-ddl.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { createBinder, emptyScope } from '../bind/create-binder.ts';
import { typeOf } from '../environment.ts';
import { errors, SqlError } from '../errors.ts';
import { compareValues } from '../functions/partition-number.ts';
import type { PartitionFunctionMetadata } from '../metadata.ts';
import { setBoundaries } from '../partitions.ts';
import { sameIn } from '../resolve-object.ts';
import { isText } from '../sql-types.ts';
import type { StatementContext } from '../statement-context.ts';

/** CREATE PARTITION FUNCTION: boundaries are sorted, equal ones refused. */
export function createPartitionFunction(
  context: StatementContext,
  statement: Extract<DdlStatement, { kind: 'create-partition-function' }>,
): void {
  const { database } = context.session;
  context.requirePermission(database, 'ALTER');
  if (database.partitionFunctions.some((one) => sameIn(database.collation, one.name, statement.name.name))) {
    throw new SqlError(7704, `There is already a partition function with the name '${statement.name.name}'.`);
  }
  const declared = typeOf(database, statement.type);
  const type = isText(declared) ? { ...declared, collation: declared.collation ?? database.collation } : declared;
  const b = createBinder(context.server.duck.scripts, context.environment());
  const boundaries = statement.values.map((expression) => {
    const typed = convertTyped(b, b.expression(expression, emptyScope()), type);
    if (typed.constant === undefined) throw errors.unsupported('a boundary that is not a constant');
    return { value: typed.constant, text: context.sourceOf(expression) };
  });
  boundaries.sort((a, z) => compareValues(a.value, z.value, type));
  const twice = boundaries.findIndex(
    (one, i) => i > 0 && compareValues(one.value, boundaries[i - 1]?.value as SqlValue, type) === 0,
  );
  if (twice >= 0)
    throw new SqlError(
      7708,
      `Duplicate values are not allowed in partition function boundary values list. Partition boundary values at ordinal ${twice} and ${twice + 1} are equal.`,
    );
  const made: PartitionFunctionMetadata = {
    id: 65_536 + database.partitionFunctions.length,
    name: statement.name.name,
    type,
    boundaryOnRight: statement.boundaryOnRight,
    boundaries: boundaries.map(({ text }) => text),
  };
  setBoundaries(
    made,
    boundaries.map(({ value }) => value),
  );
  const before = database.partitionFunctions;
  database.partitionFunctions = [...before, made];
  context.onRollback(() => {
    database.partitionFunctions = before;
  });
}

export function createPartitionScheme(
  context: StatementContext,
  statement: Extract<DdlStatement, { kind: 'create-partition-scheme' }>,
): void {
  const { database } = context.session;
  context.requirePermission(database, 'ALTER');
  const of = database.partitionFunctions.find((one) =>
    sameIn(database.collation, one.name, statement.partitionFunction.name),
  );
  if (of === undefined)
    throw new SqlError(7712, `Cannot find partition function '${statement.partitionFunction.name}'.`);
  const wanted = of.boundaries.length + 1;
  const filegroups = statement.all
    ? Array.from({ length: wanted }, () => statement.filegroups[0]?.name ?? 'PRIMARY')
    : statement.filegroups.map((one) => one.name);
  if (filegroups.length < wanted)
    throw new SqlError(
      7707,
      `The associated partition function '${of.name}' generates more partitions than there are file groups mentioned in the scheme '${statement.name.name}'.`,
    );
  const before = database.partitionSchemes;
  database.partitionSchemes = [
    ...before,
    {
      id: 65_601 + before.length,
      name: statement.name.name,
      functionId: of.id,
      filegroups: filegroups.slice(0, wanted),
    },
  ];
  context.onRollback(() => {
    database.partitionSchemes = before;
  });
}

export function dropPartitionObject(
  context: StatementContext,
  statement: Extract<DdlStatement, { kind: 'drop-partition-function' | 'drop-partition-scheme' }>,
): void {
  const { database } = context.session;
  context.requirePermission(database, 'ALTER');
  const named = (one: { name: string }): boolean => sameIn(database.collation, one.name, statement.name.name);
  const { partitionFunctions, partitionSchemes } = database;
  const isFunction = statement.kind === 'drop-partition-function';
  const found = isFunction ? partitionFunctions.find(named) : partitionSchemes.find(named);
  if (found === undefined) {
    if (statement.ifExists) return;
    throw new SqlError(
      3701,
      `Cannot drop the partition ${isFunction ? 'function' : 'scheme'} '${statement.name.name}', because it does not exist or you do not have permission.`,
      { severity: 11 },
    );
  }
  if (isFunction) database.partitionFunctions = partitionFunctions.filter((one) => one !== found);
  else database.partitionSchemes = partitionSchemes.filter((one) => one !== found);
  context.onRollback(() => Object.assign(database, { partitionFunctions, partitionSchemes }));
}
