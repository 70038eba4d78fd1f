import type { ResultColumn } from '../commands/command.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { TableSource } from './ast.ts';
import { parseQueryText } from './parse-query.ts';
import { emptyScope, type Relation, type Scope } from './scope.ts';
import type { Identifier } from './token-reader.ts';
import { asBoolean, comparable, translateExpression, type Translator } from './translate-expression.ts';

/** Adds the columns of a FROM item to the scope and gives its SQL. */
export function bindSource(source: TableSource, t: Translator): string {
  switch (source.kind) {
    case 'table':
      return bindTable(source, t);
    case 'subquery': {
      const inner = t.subquery(source.query, source.lateral ? t.scope : (t.scope.parent ?? emptyScope()));
      return bindColumns(
        {
          sql: `${source.lateral ? 'LATERAL ' : ''}(${inner.sql})`,
          columns: inner.columns,
          alias: source.alias,
          names: source.columnAliases,
        },
        t,
      );
    }
    case 'values': {
      const inner = t.subquery(
        {
          ctes: [],
          recursive: false,
          body: { kind: 'values', rows: source.rows },
          orderBy: [],
          limit: null,
          offset: null,
        },
        t.scope.parent ?? emptyScope(),
      );
      const before = t.scope.columns.length;
      const sql = bindColumns(
        { sql: `(${inner.sql})`, columns: inner.columns, alias: source.alias, names: source.columnAliases },
        t,
      );
      t.scope.positions.push(...t.scope.columns.slice(before));
      return sql;
    }
    case 'stage':
      return bindStage(source, t);
    case 'function':
      return bindFunction(source, t);
    case 'join':
      return bindJoin(source, t);
  }
}

function bindColumns(
  given: { sql: string; columns: ResultColumn[]; alias: Identifier | null; names: Identifier[] },
  t: Translator,
): string {
  const alias = t.environment.alias();
  given.columns.forEach((c, i) => {
    t.scope.columns.push({
      name: given.names[i]?.name ?? c.name,
      value: { sql: `${alias}.r${i + 1}`, type: c.type, nullable: c.nullable ?? true },
      qualifiers: given.alias ? [given.alias.name] : [],
    });
  });
  return `${given.sql} AS ${alias}`;
}

function bindTable(source: Extract<TableSource, { kind: 'table' }>, t: Translator): string {
  const only = source.name.length === 1 ? source.name[0] : undefined;
  const cte = only ? findCte(only.name, t.scope) : undefined;
  if (cte)
    return bindColumns(
      {
        sql: cte.sqlName,
        columns: cte.columns,
        alias: source.alias ?? (only as Identifier),
        names: source.columnAliases,
      },
      t,
    );
  return bindRelation(t.environment.relation(source.name), source.alias, source.columnAliases, t);
}

function findCte(name: string, from: Scope): { sqlName: string; columns: ResultColumn[] } | undefined {
  for (let scope: Scope | null = from; scope; scope = scope.parent) {
    const found = scope.ctes.get(name);
    if (found) return found;
  }
  return undefined;
}

function bindRelation(relation: Relation, alias: Identifier | null, names: Identifier[], t: Translator): string {
  const qualifiers = alias ? [alias.name] : relation.qualifiers;
  if (relation.kind === 'view') return bindView(relation, { qualifiers, names }, t);
  const sqlAlias = t.environment.alias();
  relation.columns.forEach((c, i) => {
    t.scope.columns.push({
      name: names[i]?.name ?? c.name,
      value: { sql: `${sqlAlias}.${c.sqlName}`, type: c.column.type, nullable: c.column.nullable ?? true },
      qualifiers,
    });
  });
  if (relation.table) t.environment.tables.add(relation.table);
  return `${relation.sql} AS ${sqlAlias}`;
}

function bindView(
  relation: Extract<Relation, { kind: 'view' }>,
  as: { qualifiers: string[]; names: Identifier[] },
  t: Translator,
): string {
  const leave = relation.enter();
  try {
    const text = t.environment.sql;
    t.environment.sql = relation.query;
    const inner = t.subquery(parseQueryText(relation.query), emptyScope());
    t.environment.sql = text;
    const alias = t.environment.alias();
    inner.columns.forEach((c, i) => {
      t.scope.columns.push({
        name: as.names[i]?.name ?? relation.columnNames[i] ?? c.name,
        value: { sql: `${alias}.r${i + 1}`, type: c.type, nullable: c.nullable ?? true },
        qualifiers: as.qualifiers,
      });
    });
    return `(${inner.sql}) AS ${alias}`;
  } finally {
    leave();
  }
}

function bindStage(source: Extract<TableSource, { kind: 'stage' }>, t: Translator): string {
  const relation = t.environment.stageRelations.get(source);
  if (!relation) throw errors.notInPractice(`FROM ${source.location} here`);
  const alias = t.environment.alias();
  t.scope.stages.push({ relation, alias: `${alias}.`, name: source.alias?.name ?? null });
  return `${relation.sql} AS ${alias}`;
}

function bindFunction(source: Extract<TableSource, { kind: 'function' }>, t: Translator): string {
  const relation = t.environment.tableFunction(source, (e) => {
    if (e.kind === 'string') return e.value;
    if (e.kind === 'number') return e.text;
    const value = translateExpression(e, t).sql;
    return value.replace(/^'(.*)'$/s, '$1').replaceAll("''", "'");
  });
  if (!relation) {
    throw new SnowflakeError(
      '002141',
      '42601',
      `SQL compilation error:\nUnknown table function ${source.name.map((p) => p.name).join('.')}`,
    );
  }
  return bindRelation(relation, source.alias, [], t);
}

function bindJoin(source: Extract<TableSource, { kind: 'join' }>, t: Translator): string {
  const left = bindSource(source.left, t);
  const middle = t.scope.columns.length;
  const right = bindSource(source.right, t);
  const using = source.natural ? commonNames(t, middle) : source.using;
  if (using.length) return bindUsing(source, using, { left, right, middle }, t);
  if (source.join === 'CROSS') return `(${left} CROSS JOIN ${right})`;
  if (!source.on) {
    if (source.join !== 'INNER')
      throw new SnowflakeError('001003', '42000', 'SQL compilation error:\nOuter join requires a join condition.');
    return `(${left} CROSS JOIN ${right})`;
  }
  nullableSides(source.join, middle, t);
  return `(${left} ${source.join} JOIN ${right} ON ${asBoolean(translateExpression(source.on, t), t).sql})`;
}

/** Outer joins make the other side's columns nullable. */
function nullableSides(join: string, middle: number, t: Translator): void {
  t.scope.columns.forEach((c, i) => {
    const isLeft = i < middle;
    if (join === 'FULL' || (join === 'LEFT' && !isLeft) || (join === 'RIGHT' && isLeft))
      c.value = { ...c.value, nullable: true };
  });
}

function commonNames(t: Translator, middle: number): Identifier[] {
  const right = new Set(t.scope.columns.slice(middle).map((c) => c.name));
  return t.scope.columns
    .slice(0, middle)
    .filter((c) => right.has(c.name))
    .map((c) => ({ name: c.name, quoted: true }));
}

function bindUsing(
  source: Extract<TableSource, { kind: 'join' }>,
  using: Identifier[],
  sides: { left: string; right: string; middle: number },
  t: Translator,
): string {
  const tests = using.map((name) => {
    const a = t.scope.columns.slice(0, sides.middle).find((c) => c.name === name.name && !c.hidden);
    const b = t.scope.columns.slice(sides.middle).find((c) => c.name === name.name);
    if (!a || !b) throw errors.invalidIdentifier(name.name);
    const [x, y] = comparable(a.value, b.value, t);
    if (source.join === 'FULL') {
      a.value = { ...a.value, sql: `coalesce(${a.value.sql}, ${b.value.sql})` };
      b.hidden = true;
    } else (source.join === 'RIGHT' ? a : b).hidden = true;
    return `${x} = ${y}`;
  });
  nullableSides(source.join, sides.middle, t);
  const join = source.join === 'CROSS' ? 'INNER' : source.join;
  return `(${sides.left} ${join} JOIN ${sides.right} ON ${tests.join(' AND ')})`;
}
