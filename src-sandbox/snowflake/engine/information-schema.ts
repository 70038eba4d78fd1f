import { bytesOf, rowCounts } from './row-counts.ts';
import { canSee, canUseSchema } from '../catalog/privileges.ts';
import type { Column, Database, Schema, SchemaObject, Sequence, Table, View } from '../catalog/catalog-types.ts';
import { errors } from '../errors.ts';
import { types, type SnowflakeType } from '../sql/data-type.ts';
import type { Relation } from '../sql/scope.ts';
import type { CoreContext } from './statement-context.ts';
import type { Prelude } from './translate-environment.ts';
import { virtualRelation, type Cell } from './virtual-relation.ts';

interface Request {
  database: Database;
  view: string;
  prelude: Prelude[];
}

type Shape = [name: string, type: SnowflakeType][];
const text = types.text();
const stamp = types.ltz(3);
const number = types.number(38, 0);

/** More views of INFORMATION_SCHEMA, by name: the stages engine adds STAGES, FILE_FORMATS and LOAD_HISTORY. */
export const informationSchemaViews = new Map<
  string,
  { shape: Shape; rows: (context: CoreContext, database: Database) => Cell[][] | Promise<Cell[][]> }
>();

/** https://docs.snowflake.com/en/sql-reference/info-schema */
export function informationSchema(context: CoreContext, request: Request): Relation {
  const { database } = request;
  const found = VIEWS[request.view] ?? informationSchemaViews.get(request.view);
  if (!found) throw errors.doesNotExist('Object', `${database.name}.INFORMATION_SCHEMA.${request.view}`);
  return virtualRelation(context.session, {
    columns: found.shape.map(([name, type]) => ({ name, type })),
    rows: () => found.rows(context, database),
    prelude: request.prelude,
    qualifiers: [database.name, 'INFORMATION_SCHEMA', request.view],
  });
}

/** Held form of an instant. */
const instant = (date: Date): Cell => BigInt(date.getTime()) * 1_000_000n;

const schemasOf = (context: CoreContext, database: Database): Schema[] =>
  [...database.schemas.values()].filter(
    (s) => canUseSchema(context.catalog, context.session.role, s) || canSee(context.catalog, context.session.role, s),
  );

const objectsOf = <T extends SchemaObject>(
  context: CoreContext,
  database: Database,
  domain: 'TABLE' | 'VIEW' | 'SEQUENCE',
): T[] =>
  schemasOf(context, database).flatMap((s) =>
    context.catalog
      .list(s, domain)
      .filter((o) => isMine(context, o) && (canSee(context.catalog, context.session.role, o) || isTemporary(o))),
  ) as T[];

const isTemporary = (o: SchemaObject): boolean => 'sessionId' in o && o.sessionId !== null;
const isMine = (context: CoreContext, o: SchemaObject): boolean =>
  !isTemporary(o) || (o as Table).sessionId === context.session.id;

const VIEWS: Record<
  string,
  { shape: Shape; rows: (context: CoreContext, database: Database) => Cell[][] | Promise<Cell[][]> }
> = {
  TABLES: {
    shape: [
      ['TABLE_CATALOG', text],
      ['TABLE_SCHEMA', text],
      ['TABLE_NAME', text],
      ['TABLE_OWNER', text],
      ['TABLE_TYPE', text],
      ['IS_TRANSIENT', text],
      ['CLUSTERING_KEY', text],
      ['ROW_COUNT', number],
      ['BYTES', number],
      ['RETENTION_TIME', number],
      ['CREATED', stamp],
      ['LAST_ALTERED', stamp],
      ['LAST_DDL', stamp],
      ['AUTO_CLUSTERING_ON', text],
      ['COMMENT', text],
      ['IS_TEMPORARY', text],
      ['IS_ICEBERG', text],
      ['IS_DYNAMIC', text],
      ['IS_HYBRID', text],
    ],
    rows: async (context, database) => tableRows(context, database),
  },
  COLUMNS: {
    shape: [
      ['TABLE_CATALOG', text],
      ['TABLE_SCHEMA', text],
      ['TABLE_NAME', text],
      ['COLUMN_NAME', text],
      ['ORDINAL_POSITION', number],
      ['COLUMN_DEFAULT', text],
      ['IS_NULLABLE', text],
      ['DATA_TYPE', text],
      ['CHARACTER_MAXIMUM_LENGTH', number],
      ['CHARACTER_OCTET_LENGTH', number],
      ['NUMERIC_PRECISION', number],
      ['NUMERIC_PRECISION_RADIX', number],
      ['NUMERIC_SCALE', number],
      ['DATETIME_PRECISION', number],
      ['COLLATION_NAME', text],
      ['IS_IDENTITY', text],
      ['IDENTITY_START', text],
      ['IDENTITY_INCREMENT', text],
      ['COMMENT', text],
    ],
    rows: (context, database) =>
      [...objectsOf<Table>(context, database, 'TABLE'), ...objectsOf<View>(context, database, 'VIEW')].flatMap((t) =>
        t.columns.map((c, i) => columnRow(database, t, c, i)),
      ),
  },
  SCHEMATA: {
    shape: [
      ['CATALOG_NAME', text],
      ['SCHEMA_NAME', text],
      ['SCHEMA_OWNER', text],
      ['IS_TRANSIENT', text],
      ['IS_MANAGED_ACCESS', text],
      ['RETENTION_TIME', number],
      ['CREATED', stamp],
      ['LAST_ALTERED', stamp],
      ['COMMENT', text],
    ],
    rows: (context, database) =>
      schemasOf(context, database).map((s) => [
        database.name,
        s.name,
        s.owner,
        s.isTransient ? 'YES' : 'NO',
        'NO',
        s.retentionDays,
        instant(s.createdOn),
        instant(s.createdOn),
        s.comment || null,
      ]),
  },
  DATABASES: {
    shape: [
      ['DATABASE_NAME', text],
      ['DATABASE_OWNER', text],
      ['IS_TRANSIENT', text],
      ['COMMENT', text],
      ['CREATED', stamp],
      ['LAST_ALTERED', stamp],
      ['RETENTION_TIME', number],
      ['TYPE', text],
    ],
    rows: (context) =>
      [...context.catalog.databases.values()]
        .filter((d) => canSee(context.catalog, context.session.role, d))
        .map((d) => [
          d.name,
          d.owner,
          d.isTransient ? 'YES' : 'NO',
          d.comment || null,
          instant(d.createdOn),
          instant(d.createdOn),
          d.retentionDays,
          'STANDARD',
        ]),
  },
  VIEWS: {
    shape: [
      ['TABLE_CATALOG', text],
      ['TABLE_SCHEMA', text],
      ['TABLE_NAME', text],
      ['TABLE_OWNER', text],
      ['VIEW_DEFINITION', text],
      ['IS_SECURE', text],
      ['CREATED', stamp],
      ['COMMENT', text],
    ],
    rows: (context, database) =>
      objectsOf<View>(context, database, 'VIEW').map((v) => [
        database.name,
        v.schema.name,
        v.name,
        v.owner,
        v.text,
        v.isSecure ? 'YES' : 'NO',
        instant(v.createdOn),
        v.comment || null,
      ]),
  },
  SEQUENCES: {
    shape: [
      ['SEQUENCE_CATALOG', text],
      ['SEQUENCE_SCHEMA', text],
      ['SEQUENCE_NAME', text],
      ['START_VALUE', text],
      ['INCREMENT', text],
    ],
    rows: (context, database) =>
      objectsOf<Sequence>(context, database, 'SEQUENCE').map((s) => [
        database.name,
        s.schema.name,
        s.name,
        String(s.start),
        String(s.increment),
      ]),
  },
  TABLE_CONSTRAINTS: {
    shape: [
      ['CONSTRAINT_CATALOG', text],
      ['CONSTRAINT_SCHEMA', text],
      ['CONSTRAINT_NAME', text],
      ['TABLE_CATALOG', text],
      ['TABLE_SCHEMA', text],
      ['TABLE_NAME', text],
      ['CONSTRAINT_TYPE', text],
      ['IS_DEFERRABLE', text],
      ['INITIALLY_DEFERRED', text],
      ['ENFORCED', text],
    ],
    rows: (context, database) =>
      objectsOf<Table>(context, database, 'TABLE').flatMap((t) =>
        t.constraints.map((c) => [
          database.name,
          t.schema.name,
          c.name,
          database.name,
          t.schema.name,
          t.name,
          c.kind,
          'NO',
          'YES',
          'NO',
        ]),
      ),
  },
};

function columnRow(database: Database, table: Table | View, c: Column, index: number): Cell[] {
  const { type } = c;
  const isText = type.kind === 'text' || type.kind === 'binary';
  return [
    database.name,
    table.schema.name,
    table.name,
    c.name,
    index + 1,
    c.defaultText,
    c.nullable ? 'YES' : 'NO',
    type.kind === 'null' ? 'TEXT' : type.kind.toUpperCase(),
    isText ? type.length : null,
    isText ? (type.kind === 'text' ? Math.min(type.length * 4, 134_217_728) : type.length) : null,
    type.kind === 'number' ? type.precision : null,
    type.kind === 'number' ? 10 : null,
    type.kind === 'number' ? type.scale : null,
    'scale' in type && type.kind !== 'number' ? type.scale : null,
    null,
    c.identity ? 'YES' : 'NO',
    c.identity ? String(c.identity.start) : null,
    c.identity ? String(c.identity.increment) : null,
    c.comment || null,
  ];
}

async function tableRows(context: CoreContext, database: Database): Promise<Cell[][]> {
  const tables = objectsOf<Table>(context, database, 'TABLE');
  const counts = await rowCounts(context, tables);
  const tableCells = tables.map((t): Cell[] => [
    database.name,
    t.schema.name,
    t.name,
    t.owner,
    t.kind === 'TEMPORARY' ? 'LOCAL TEMPORARY' : 'BASE TABLE',
    t.kind === 'TRANSIENT' ? 'YES' : 'NO',
    t.clusterBy || null,
    counts.get(t.id) ?? 0,
    bytesOf(t, counts.get(t.id) ?? 0),
    t.retentionDays,
    instant(t.createdOn),
    instant(t.changedOn),
    instant(t.changedOn),
    'NO',
    t.comment || null,
    t.kind === 'TEMPORARY' ? 'YES' : 'NO',
    'NO',
    'NO',
    'NO',
  ]);
  const viewCells = objectsOf<View>(context, database, 'VIEW').map((v): Cell[] => [
    database.name,
    v.schema.name,
    v.name,
    v.owner,
    'VIEW',
    null,
    null,
    null,
    null,
    null,
    instant(v.createdOn),
    instant(v.createdOn),
    instant(v.createdOn),
    null,
    v.comment || null,
    'NO',
    'NO',
    'NO',
    'NO',
  ]);
  return [...tableCells, ...viewCells];
}
