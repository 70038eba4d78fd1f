import type { Database, Schema, Table, View } from '../catalog/catalog-types.ts';
import { canSee, canUseDatabase, canUseSchema } from '../catalog/privileges.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';

export interface ShowFilter {
  like: string | null;
  startsWith: string | null;
  limit: number | null;
  from: string | null;
  /** The schemas to look in. */
  schemas: Schema[];
  /** SHOW COLUMNS IN TABLE t, SHOW PRIMARY KEYS IN TABLE t. */
  table: Table | View | null;
  database: Database | null;
  /** SHOW PARAMETERS IN SESSION | USER | ACCOUNT; SHOW TRANSACTIONS IN ACCOUNT. */
  inAccount: boolean;
}

/** [LIKE p] [IN ...] [STARTS WITH s] [LIMIT n [FROM s]]. */
export function parseShowFilter(context: CoreContext, reader: TokenReader, noun: string): ShowFilter {
  const filter: ShowFilter = {
    like: null,
    startsWith: null,
    limit: null,
    from: null,
    schemas: [],
    table: null,
    database: null,
    inAccount: false,
  };
  if (reader.acceptWords('LIKE')) filter.like = reader.string();
  if (reader.acceptWords('IN') || reader.acceptWords('FOR')) readScope(context, reader, { filter, noun });
  else setScope(context, filter, context.session.database ? { database: context.session.database } : {});
  if (reader.acceptWords('LIKE')) filter.like = reader.string();
  if (reader.acceptWords('STARTS', 'WITH')) filter.startsWith = reader.string();
  if (reader.acceptWords('LIMIT')) filter.limit = reader.integer();
  if (reader.acceptWords('FROM')) filter.from = reader.string();
  return filter;
}

function readScope(context: CoreContext, reader: TokenReader, given: { filter: ShowFilter; noun: string }): void {
  const { filter, noun } = given;
  const ends = (): boolean =>
    reader.atEnd() || reader.isWords('STARTS', 'WITH') || reader.isWords('LIMIT') || reader.isWords('LIKE');
  if (noun === 'PARAMETERS') {
    const level = reader.next().value;
    filter.inAccount = level === 'ACCOUNT';
    if (level !== 'SESSION' && level !== 'ACCOUNT' && !ends()) reader.objectName();
    return;
  }
  if (reader.acceptWords('ACCOUNT')) {
    filter.inAccount = true;
    setScope(context, filter, {});
  } else if (reader.acceptWords('DATABASE')) {
    const name = ends() ? context.session.database : reader.identifier().name;
    setScope(context, filter, name ? { database: name } : {});
  } else if (reader.acceptWords('SCHEMA')) {
    if (!ends()) return schemaScope(context, filter, reader);
    const { database, schema } = context.session;
    setScope(context, filter, { ...(database ? { database } : {}), ...(schema ? { schema } : {}) });
  } else if (noun === 'COLUMNS' || noun.endsWith('KEYS')) {
    if (!reader.acceptWords('TABLE')) reader.acceptWords('VIEW');
    filter.table = context.require<Table | View>('TABLE', reader.objectName());
  } else schemaScope(context, filter, reader);
}

function schemaScope(context: CoreContext, filter: ShowFilter, reader: TokenReader): void {
  try {
    filter.schemas = [context.resolveSchema(reader.objectName())];
  } catch {
    throw errors.doesNotExistOrOperation();
  }
}

function setScope(context: CoreContext, filter: ShowFilter, at: { database?: string; schema?: string }): void {
  const { catalog, session } = context;
  let databases = [...catalog.databases.values()].filter(
    (d) => canUseDatabase(catalog, session.role, d) || canSee(catalog, session.role, d),
  );
  if (at.database !== undefined) {
    databases = databases.filter((d) => d.name === at.database);
    if (databases.length === 0) throw errors.doesNotExistOrOperation();
    filter.database = databases[0] ?? null;
  }
  filter.schemas = databases
    .flatMap((d) => [...d.schemas.values()])
    .filter((s) => at.schema === undefined || s.name === at.schema)
    .filter((s) => canUseSchema(catalog, session.role, s) || canSee(catalog, session.role, s));
}

/** LIKE without regard to case, STARTS WITH and FROM with; then LIMIT. */
export function applyFilter<T>(items: T[], filter: ShowFilter, nameOf: (item: T) => string): T[] {
  const pattern = filter.like === null ? null : likePattern(filter.like);
  const kept = items.filter((item) => {
    const name = nameOf(item);
    if (pattern && !pattern.test(name)) return false;
    if (filter.startsWith !== null && !name.startsWith(filter.startsWith)) return false;
    return filter.from === null || name > filter.from;
  });
  return filter.limit === null ? kept : kept.slice(0, filter.limit);
}

export function likePattern(like: string): RegExp {
  let source = '';
  for (let i = 0; i < like.length; i += 1) {
    const c = like[i] ?? '';
    if (c === '\\' && i + 1 < like.length) {
      i += 1;
      source += (like[i] ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    } else if (c === '%') source += '.*';
    else if (c === '_') source += '.';
    else source += c.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 'is');
}
