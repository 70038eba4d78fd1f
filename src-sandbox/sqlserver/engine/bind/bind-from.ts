import { digitsOf } from '../values/number-text.ts';
import type { Expression, TableSource, TemporalClause } from '../../sql/ast.ts';
import { errors, SqlError } from '../errors.ts';
import type { ColumnMetadata } from '../metadata.ts';
import type { Binder, BoundQuery, OutputColumn, ResolvedObject, Scope, Source, SourceColumn } from './binder.ts';
import { tableById } from '../object-index.ts';
import { schemaName } from '../resolve-object.ts';
import { bindTableFunction } from './bind-table-function.ts';
import { commonType, convertTyped } from './convert-typed.ts';
import { virtualRowsSql } from './virtual-rows.ts';

type Bound = { sql: string; sources: Source[] };

/** SQL of a FROM clause; its sources are put into `scope`. */
export function bindFrom(b: Binder, from: readonly TableSource[], scope: Scope): string {
  const parts: string[] = [];
  for (const source of from) {
    const bound = bindSource(b, source, scope, scope.parent);
    parts.push(bound.sql);
    addSources(b, scope, bound.sources);
  }
  return parts.join(', ');
}

function addSources(b: Binder, scope: Scope, sources: readonly Source[]): void {
  for (const source of sources) {
    const twin = scope.sources.find(
      (other) => source.alias !== '' && b.sameName(other.alias, source.alias) && sameTable(b, other, source),
    );
    if (twin !== undefined) {
      throw source.name === null || twin.name === null
        ? new SqlError(1011, `The correlation name '${source.alias}' is specified multiple times in a FROM clause.`)
        : new SqlError(
            1013,
            `The objects "${source.alias}" and "${twin.alias}" in the FROM clause have the same exposed names. Use correlation names to distinguish them.`,
          );
    }
    scope.sources.push(source);
  }
}

function sameTable(b: Binder, a: Source, z: Source): boolean {
  if (a.name === null || z.name === null) return true;
  return b.sameName(a.name.schema, z.name.schema) && b.sameName(a.name.database, z.name.database);
}

function bindSource(b: Binder, source: TableSource, scope: Scope, lateral: Scope | null): Bound {
  switch (source.kind) {
    case 'table':
      return bindNamed(b, source);
    case 'table-variable': {
      const table = b.environment.tableVariable(source.name);
      if (table === undefined)
        throw new SqlError(1087, `Must declare the table variable "${source.name}".`, { severity: 15, state: 2 });
      return fromTable(
        b,
        { kind: 'table', database: b.environment.findDatabase('tempdb') ?? b.environment.database, table, schema: '' },
        { alias: source.alias?.name ?? source.name, isAliased: true },
      );
    }
    case 'derived': {
      const query = b.query(source.query, lateral);
      return derived(
        b,
        query,
        source.alias.name,
        source.columns.map((column) => column.name),
      );
    }
    case 'values':
      return derived(
        b,
        bindRows(b, source.rows, lateral),
        source.alias.name,
        source.columns.map((column) => column.name),
      );
    case 'join':
      return bindJoin(b, source, scope, lateral);
    case 'apply': {
      const left = bindSource(b, source.left, scope, lateral);
      const inner: Scope = {
        parent: lateral,
        sources: [...scope.sources, ...left.sources],
        grouping: null,
        windows: new Map(),
        clause: 'on',
      };
      const right = bindSource(b, source.right, scope, inner);
      if (source.outer) makeNullable(right.sources);
      const kind = source.outer ? 'LEFT JOIN' : 'JOIN';
      return {
        sql: `(${left.sql} ${kind} LATERAL ${right.sql} ON true)`,
        sources: [...left.sources, ...right.sources],
      };
    }
    case 'function':
      return bindTableFunction(b, source, lateral ?? { ...scope, sources: scope.sources });
    case 'pivot':
    case 'unpivot':
      throw errors.unsupported(source.kind.toUpperCase());
  }
}

function bindJoin(
  b: Binder,
  source: Extract<TableSource, { kind: 'join' }>,
  scope: Scope,
  lateral: Scope | null,
): Bound {
  const left = bindSource(b, source.left, scope, lateral);
  const right = bindSource(b, source.right, scope, lateral);
  const check: Scope = { parent: null, sources: [], grouping: null, windows: new Map(), clause: 'on' };
  addSources(b, check, [...left.sources, ...right.sources]);
  const sources = [...left.sources, ...right.sources];
  if (source.join === 'CROSS') return { sql: `(${left.sql} CROSS JOIN ${right.sql})`, sources };
  const on: Scope = { parent: scope.parent, sources, grouping: null, windows: new Map(), clause: 'on' };
  const condition = source.on === null ? 'true' : b.condition(source.on, on);
  if (source.join === 'LEFT' || source.join === 'FULL') makeNullable(right.sources);
  if (source.join === 'RIGHT' || source.join === 'FULL') makeNullable(left.sources);
  return { sql: `(${left.sql} ${source.join} JOIN ${right.sql} ON ${condition})`, sources };
}

function makeNullable(sources: readonly Source[]): void {
  for (const source of sources) for (const column of source.columns) column.nullable = true;
}

function bindNamed(b: Binder, source: Extract<TableSource, { kind: 'table' }>): Bound {
  const { name } = source;
  const alias = source.alias?.name ?? name.name;
  if (name.schema === null && name.database === null) {
    const cte = b.cteOf(name);
    if (cte !== undefined) {
      const id = b.alias();
      return {
        sql: `(${cte.sql}) AS ${id}`,
        sources: [
          {
            alias,
            name: null,
            table: null,
            database: null,
            used: new Set(),
            columns: cte.columns.map((column) => ({ ...column, sql: `${id}.${column.sql}` })),
          },
        ],
      };
    }
  }
  const object = b.environment.resolveObject(name);
  if (source.temporal !== null && object.kind !== 'table') throw notVersioned(name.name);
  switch (object.kind) {
    case 'table': {
      const hints = source.hints.map((hint) => hint.name);
      const isDirty = hints.some((hint) => ['NOLOCK', 'READUNCOMMITTED', 'READPAST'].includes(hint));
      if (!isDirty) b.tables.add(object.table);
      const options = { alias, isAliased: source.alias !== null };
      if (source.temporal !== null) return fromVersions(b, object, { ...options, clause: source.temporal });
      return fromTable(b, object, { ...options, sample: sampleSql(b, source) });
    }
    case 'view':
      return fromView(b, object, { alias, isAliased: source.alias !== null });
    case 'virtual':
      return fromVirtual(b, object, { alias, isAliased: source.alias !== null });
  }
}

function sampleSql(b: Binder, { sample }: Extract<TableSource, { kind: 'table' }>): string {
  if (sample === null) return '';
  const scope: Scope = { parent: null, sources: [], grouping: null, windows: new Map(), clause: 'other' };
  const count = convertTyped(b, b.expression(sample.count, scope), { name: 'float' });
  const seed =
    sample.repeatable === null ? null : convertTyped(b, b.expression(sample.repeatable, scope), { name: 'int' });
  if (count.constant === undefined || count.constant === null)
    throw errors.unsupported('TABLESAMPLE of a variable size');
  const amount =
    sample.unit === 'PERCENT'
      ? `bernoulli(${digitsOf(count.constant)} PERCENT)`
      : `reservoir(${Math.trunc(count.constant as number)} ROWS)`;
  return ` TABLESAMPLE ${amount}${seed === null ? '' : ` REPEATABLE (${Math.abs(Number(seed.constant ?? 0))})`}`;
}

/** Name of the table that holds the rows of an object. */
export const storageName = (databaseId: number, objectId: number): string => `"db${databaseId}"."t${objectId}"`;

export function fromTable(
  b: Binder,
  object: Extract<ResolvedObject, { kind: 'table' }>,
  options: { alias: string; isAliased: boolean; sample?: string },
): Bound {
  const id = b.alias();
  const { database, table, schema } = object;
  const source: Source = {
    alias: options.alias,
    name: options.isAliased ? null : { database: database.name, schema, name: table.name },
    table,
    database,
    used: new Set(),
    columns: table.columns.map((column) => tableColumn(column, `${id}.c${column.id}`)),
  };
  b.reads.push({ database, schema, name: table.name, schemaId: table.schemaId, objectId: table.objectId, source });
  return { sql: `${storageName(database.id, table.objectId)} AS ${id}${options.sample ?? ''}`, sources: [source] };
}

/**
 * FOR SYSTEM_TIME: rows of the table and of its history, without versions that began and ended at once. SELECT is asked for on both tables.
 * https://learn.microsoft.com/en-us/sql/t-sql/queries/from-transact-sql#for-system_time
 */
function fromVersions(
  b: Binder,
  object: Extract<ResolvedObject, { kind: 'table' }>,
  options: { alias: string; isAliased: boolean; clause: TemporalClause },
): Bound {
  const { database, table, schema } = object;
  const historyId = table.temporal?.historyTableId ?? null;
  const history = historyId === null ? undefined : tableById(database, historyId);
  const start = table.columns.find((column) => column.generatedAlways === 'AS_ROW_START');
  const end = table.columns.find((column) => column.generatedAlways === 'AS_ROW_END');
  if (history === undefined || start === undefined || end === undefined)
    throw notVersioned(`${database.name}.${schema}.${table.name}`);
  const { sources } = fromTable(b, object, options);
  const source = sources[0] as Source;
  const id = (source.columns[0] as SourceColumn).sql.split('.')[0] ?? '';
  b.tables.add(history);
  b.reads.push({
    database,
    schema: schemaName(database, history.schemaId),
    name: history.name,
    schemaId: history.schemaId,
    objectId: history.objectId,
    source,
  });
  const names = table.columns.map((column) => `c${column.id}`).join(', ');
  const current = `SELECT ${names} FROM ${storageName(database.id, table.objectId)}`;
  const old = `SELECT ${history.columns.map((column) => `c${column.id}`).join(', ')} FROM ${storageName(database.id, history.objectId)}`;
  const scope: Scope = { parent: null, sources: [], grouping: null, windows: new Map(), clause: 'other' };
  const moment = (expression: Expression): string => convertTyped(b, b.expression(expression, scope), start.type).sql;
  const where = periodSql({ start: `c${start.id}`, end: `c${end.id}` }, options.clause, moment);
  return { sql: `(SELECT * FROM (${current} UNION ALL ${old}) WHERE ${where}) AS ${id}`, sources };
}

function periodSql(
  { start, end }: { start: string; end: string },
  clause: TemporalClause,
  moment: (expression: Expression) => string,
): string {
  const lasted = `${start} < ${end}`;
  switch (clause.kind) {
    case 'all':
      return lasted;
    case 'as-of':
      return `${lasted} AND ${start} <= ${moment(clause.moment)} AND ${end} > ${moment(clause.moment)}`;
    case 'from-to':
      return `${lasted} AND ${start} < ${moment(clause.end)} AND ${end} > ${moment(clause.start)}`;
    case 'between':
      return `${lasted} AND ${start} <= ${moment(clause.end)} AND ${end} > ${moment(clause.start)}`;
    case 'contained-in':
      return `${lasted} AND ${start} >= ${moment(clause.start)} AND ${end} <= ${moment(clause.end)}`;
  }
}

const notVersioned = (name: string): SqlError =>
  new SqlError(
    13_544,
    `Temporal FOR SYSTEM_TIME clause can only be used with system-versioned tables. '${name}' is not a system-versioned table.`,
  );

export function tableColumn(column: ColumnMetadata, sql: string): SourceColumn {
  return {
    name: column.name,
    sql,
    type: column.type,
    nullable: column.nullable,
    isIdentity: column.identity !== null,
    isComputed: column.computed !== null || column.type.name === 'timestamp',
    isHidden: column.isHidden,
    metadata: column,
  };
}

/** Permissions are asked of the view alone: its owner's chain covers what is below. */
function fromView(
  b: Binder,
  object: Extract<ResolvedObject, { kind: 'view' }>,
  options: { alias: string; isAliased: boolean },
): Bound {
  const mark = b.reads.length;
  const query = b.inDatabase(object.database, () => b.query(object.query, null));
  b.reads.length = mark;
  const bound = derived(
    b,
    {
      sql: query.sql,
      columns: query.columns.map((column, i) => ({
        ...column,
        isIdentity: false,
        name: object.columnNames[i] ?? column.name,
      })),
    },
    options.alias,
    [],
  );
  const source = bound.sources[0] as Source;
  if (!options.isAliased) source.name = { database: object.database.name, schema: object.schema, name: object.name };
  b.reads.push({
    database: object.database,
    schema: object.schema,
    name: object.name,
    schemaId: object.schemaId,
    objectId: object.objectId,
    source,
  });
  return bound;
}

function fromVirtual(
  b: Binder,
  object: Extract<ResolvedObject, { kind: 'virtual' }>,
  options: { alias: string; isAliased: boolean },
): Bound {
  const id = b.alias();
  const marker = `/*rows of ${id}*/`;
  const source: Source = {
    alias: options.alias,
    name: options.isAliased ? null : { database: object.database.name, schema: object.schema, name: object.name },
    table: null,
    database: object.database,
    used: new Set(),
    columns: object.columns.map((column, i) => ({
      ...column,
      sql: `${id}.c${i + 1}`,
      isIdentity: false,
      isComputed: false,
      isHidden: false,
      metadata: null,
    })),
  };
  b.virtuals.push({
    marker,
    fetch: async () => {
      const rows = await object.fetch((name) =>
        source.columns.some((one) => one.name === name && source.used.has(one)),
      );
      const used = source.columns.map((column) => source.used.has(column));
      return virtualRowsSql(b, { types: object.columns.map(({ type }) => type), used, rows });
    },
  });
  return { sql: `(${marker}) AS ${id}`, sources: [source] };
}

/** A subquery in FROM under its alias. */
export function derived(b: Binder, query: BoundQuery, alias: string, names: readonly string[]): Bound {
  const id = b.alias();
  if (names.length > 0 && names.length !== query.columns.length) {
    throw names.length > query.columns.length
      ? new SqlError(8158, `'${alias}' has fewer columns than were specified in the column list.`)
      : new SqlError(8159, `'${alias}' has more columns than were specified in the column list.`);
  }
  const columns: SourceColumn[] = query.columns.map((column, i) => {
    const name = names[i] ?? column.name;
    if (name === '')
      throw new SqlError(8155, `No column name was specified for column ${i + 1} of '${alias}'.`, { state: 2 });
    return outputAsSource({ ...column, name }, `${id}.c${i + 1}`);
  });
  columns.forEach((column, i) => {
    if (columns.findIndex((other) => b.sameName(other.name, column.name)) !== i) {
      throw new SqlError(8156, `The column '${column.name}' was specified multiple times for '${alias}'.`);
    }
  });
  return {
    sql: `(${query.sql}) AS ${id}`,
    sources: [{ alias, name: null, table: null, database: null, used: new Set(), columns }],
  };
}

export function outputAsSource(column: OutputColumn, sql: string): SourceColumn {
  return {
    name: column.name,
    sql,
    type: column.type,
    nullable: column.nullable,
    isIdentity: column.isIdentity,
    isComputed: column.isComputed,
    isHidden: false,
    metadata: null,
  };
}

/** Rows of VALUES: each column has the type that its values have in common. */
export function bindRows(b: Binder, rows: readonly (readonly Expression[])[], outer: Scope | null): BoundQuery {
  const scope: Scope = { parent: outer, sources: [], grouping: null, windows: new Map(), clause: 'other' };
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) {
    throw new SqlError(10709, 'The number of columns for each row in a table value constructor must be the same.');
  }
  const typed = rows.map((row) => row.map((expression) => b.expression(expression, scope)));
  const columns: OutputColumn[] = Array.from({ length: width }, (_, i) => {
    const cells = typed.map((row) => row[i] as (typeof row)[number]);
    return {
      name: '',
      type: commonType(b, cells, 'VALUES'),
      nullable: cells.some((cell) => cell.nullable),
      isIdentity: false,
      isComputed: true,
      label: 'implicit',
    };
  });
  const lines = typed.map(
    (row) =>
      `SELECT ${row.map((cell, i) => `${convertTyped(b, cell, columns[i]?.type ?? cell.type).sql} AS c${i + 1}`).join(', ')}`,
  );
  if (typed.every((row) => row.every((cell) => cell.constant !== undefined))) {
    const names = columns.map((_, i) => `c${i + 1}`).join(', ');
    const tuples = typed.map(
      (row) => `(${row.map((cell, i) => convertTyped(b, cell, columns[i]?.type ?? cell.type).sql).join(', ')})`,
    );
    return { columns, sql: `SELECT * FROM (VALUES ${tuples.join(', ')}) AS v(${names})` };
  }
  return { columns, sql: lines.join(' UNION ALL ') };
}
