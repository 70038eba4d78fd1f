import type { Column, Database, Schema, Sequence, Table, View } from '../catalog/catalog-types.ts';
import { canSee } from '../catalog/privileges.ts';
import { bytesOf, rowCounts } from '../engine/row-counts.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import type { SnowflakeType } from '../sql/data-type.ts';
import type { StatementResult } from './command.ts';
import { integer, moment, showResult, type ShowCell, type ShowShape } from './show-result.ts';
import { applyFilter, type ShowFilter } from './show-filter.ts';

export interface ShowRequest {
  noun: string;
  terse: boolean;
  history: boolean;
  filter: ShowFilter;
}

const TERSE: ShowShape = [['created_on', moment], ['name'], ['kind'], ['database_name'], ['schema_name']];

/** SHOW DATABASES, SCHEMAS, TABLES, VIEWS, COLUMNS, SEQUENCES, PRIMARY KEYS, UNIQUE KEYS, OBJECTS. */
export async function showObjects(context: CoreContext, request: ShowRequest): Promise<StatementResult | undefined> {
  switch (request.noun) {
    case 'DATABASES':
      return showDatabases(context, request);
    case 'SCHEMAS':
      return showSchemas(context, request);
    case 'TABLES':
      return showTables(context, request);
    case 'VIEWS':
      return showViews(context, request);
    case 'OBJECTS':
      return showAll(context, request);
    case 'COLUMNS':
      return showColumns(context, request);
    case 'SEQUENCES':
      return showSequences(context, request);
    case 'PRIMARY KEYS':
    case 'UNIQUE KEYS':
      return showKeys(context, request);
    default:
      return undefined;
  }
}

const byName = <T extends { name: string }>(items: T[]): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

function showDatabases(context: CoreContext, { filter, terse }: ShowRequest): StatementResult {
  const { catalog, session } = context;
  const all = byName([...catalog.databases.values()].filter((d) => canSee(catalog, session.role, d)));
  const found = applyFilter(all, filter, (d) => d.name);
  if (terse)
    return showResult(
      TERSE,
      found.map((d) => [d.createdOn, d.name, 'STANDARD', null, null]),
      filter.limit !== null,
    );
  const shape: ShowShape = [
    ['created_on', moment],
    ['name'],
    ['is_default'],
    ['is_current'],
    ['origin'],
    ['owner'],
    ['comment'],
    ['options'],
    ['retention_time'],
    ['kind'],
    ['owner_role_type'],
  ];
  const row = (d: Database): ShowCell[] => [
    d.createdOn,
    d.name,
    'N',
    d.name === session.database ? 'Y' : 'N',
    '',
    d.owner,
    d.comment,
    d.isTransient ? 'TRANSIENT' : '',
    String(d.retentionDays),
    'STANDARD',
    'ROLE',
  ];
  return showResult(shape, found.map(row), filter.limit !== null);
}

function showSchemas(context: CoreContext, { filter, terse }: ShowRequest): StatementResult {
  const { session } = context;
  const rows = filter.schemas.map((s) => ({ name: s.name, schema: s, database: s.database }));
  for (const database of new Set(filter.schemas.map((s) => s.database))) {
    rows.push({
      name: 'INFORMATION_SCHEMA',
      schema: {
        ...(filter.schemas[0] as Schema),
        owner: '',
        comment: 'Views describing the contents of schemas in this database',
        createdOn: database.createdOn,
      },
      database,
    });
  }
  const found = applyFilter(byName(rows), filter, (s) => s.name);
  if (terse)
    return showResult(
      TERSE,
      found.map((s) => [s.schema.createdOn, s.name, null, s.database.name, null]),
      filter.limit !== null,
    );
  const shape: ShowShape = [
    ['created_on', moment],
    ['name'],
    ['is_default'],
    ['is_current'],
    ['database_name'],
    ['owner'],
    ['comment'],
    ['options'],
    ['retention_time'],
    ['owner_role_type'],
    ['classification_profile_database'],
    ['classification_profile_schema'],
    ['classification_profile'],
  ];
  const rowsOut = found.map((s): ShowCell[] => {
    const isCurrent = s.name === session.schema && s.database.name === session.database;
    return [
      s.schema.createdOn,
      s.name,
      'N',
      isCurrent ? 'Y' : 'N',
      s.database.name,
      s.schema.owner,
      s.schema.comment,
      s.schema.isTransient ? 'TRANSIENT' : '',
      String(s.schema.retentionDays),
      s.schema.owner ? 'ROLE' : '',
      null,
      null,
      null,
    ];
  });
  return showResult(shape, rowsOut, filter.limit !== null);
}

function tablesIn(context: CoreContext, schemas: Schema[]): Table[] {
  const { catalog, session } = context;
  return schemas.flatMap((s) =>
    (catalog.list(s, 'TABLE') as Table[]).filter((t) =>
      t.sessionId === null ? canSee(catalog, session.role, t) : t.sessionId === session.id,
    ),
  );
}

function viewsIn(context: CoreContext, schemas: Schema[]): View[] {
  return schemas.flatMap((s) =>
    (context.catalog.list(s, 'VIEW') as View[]).filter((v) => canSee(context.catalog, context.session.role, v)),
  );
}

const inOrder = <T extends { name: string; schema: Schema }>(items: T[]): T[] => {
  const key = (o: T): string => `${o.schema.database.name}\u0000${o.schema.name}\u0000${o.name}`;
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
};

async function showTables(context: CoreContext, { filter, terse, history }: ShowRequest): Promise<StatementResult> {
  const dropped = history ? filter.schemas.flatMap((s) => s.droppedTables) : [];
  const found = applyFilter(inOrder([...tablesIn(context, filter.schemas), ...dropped]), filter, (t) => t.name);
  if (terse)
    return showResult(
      TERSE,
      found.map((t) => [t.createdOn, t.name, 'TABLE', t.schema.database.name, t.schema.name]),
      filter.limit !== null,
    );
  const shape: ShowShape = [
    ['created_on', moment],
    ['name'],
    ['database_name'],
    ['schema_name'],
    ['kind'],
    ['comment'],
    ['cluster_by'],
    ['rows', integer],
    ['bytes', integer],
    ['owner'],
    ['retention_time'],
    ...(history ? ([['dropped_on', moment]] as ShowShape) : []),
    ['automatic_clustering'],
    ['change_tracking'],
    ['search_optimization'],
    ['search_optimization_progress', integer],
    ['search_optimization_bytes', integer],
    ['is_external'],
    ['enable_schema_evolution'],
    ['owner_role_type'],
    ['is_event'],
    ['budget'],
    ['is_hybrid'],
    ['is_iceberg'],
    ['is_dynamic'],
    ['is_immutable'],
  ];
  const counts = await rowCounts(context, found);
  const rows = found.map((t): ShowCell[] => {
    const count = counts.get(t.id) ?? 0;
    return [
      t.createdOn,
      t.name,
      t.schema.database.name,
      t.schema.name,
      t.kind,
      t.comment,
      t.clusterBy,
      count,
      bytesOf(t, count),
      t.owner,
      String(t.retentionDays),
      ...(history ? [dropped.includes(t) ? t.changedOn : null] : []),
      t.clusterBy ? 'ON' : 'OFF',
      'OFF',
      'OFF',
      null,
      null,
      'N',
      'N',
      'ROLE',
      'N',
      null,
      'N',
      'N',
      'N',
      'N',
    ];
  });
  return showResult(shape, rows, filter.limit !== null);
}

function showViews(context: CoreContext, { filter, terse }: ShowRequest): StatementResult {
  const found = applyFilter(inOrder(viewsIn(context, filter.schemas)), filter, (v) => v.name);
  if (terse)
    return showResult(
      TERSE,
      found.map((v) => [v.createdOn, v.name, 'VIEW', v.schema.database.name, v.schema.name]),
      filter.limit !== null,
    );
  const shape: ShowShape = [
    ['created_on', moment],
    ['name'],
    ['reserved'],
    ['database_name'],
    ['schema_name'],
    ['owner'],
    ['comment'],
    ['text'],
    ['is_secure'],
    ['is_materialized'],
    ['owner_role_type'],
    ['change_tracking'],
  ];
  return showResult(
    shape,
    found.map((v) => [
      v.createdOn,
      v.name,
      '',
      v.schema.database.name,
      v.schema.name,
      v.owner,
      v.comment,
      v.text,
      v.isSecure,
      false,
      'ROLE',
      'OFF',
    ]),
    filter.limit !== null,
  );
}

async function showAll(context: CoreContext, { filter, terse }: ShowRequest): Promise<StatementResult> {
  const found = applyFilter(
    inOrder<Table | View>([...tablesIn(context, filter.schemas), ...viewsIn(context, filter.schemas)]),
    filter,
    (o) => o.name,
  );
  if (terse)
    return showResult(
      TERSE,
      found.map((o) => [o.createdOn, o.name, o.domain, o.schema.database.name, o.schema.name]),
      filter.limit !== null,
    );
  const counts = await rowCounts(
    context,
    found.filter((o): o is Table => o.domain === 'TABLE'),
  );
  const shape: ShowShape = [
    ['created_on', moment],
    ['name'],
    ['database_name'],
    ['schema_name'],
    ['kind'],
    ['comment'],
    ['cluster_by'],
    ['rows', integer],
    ['bytes', integer],
    ['owner'],
    ['retention_time'],
    ['owner_role_type'],
  ];
  const rows = found.map((o): ShowCell[] => {
    const count = o.domain === 'TABLE' ? (counts.get(o.id) ?? 0) : null;
    return [
      o.createdOn,
      o.name,
      o.schema.database.name,
      o.schema.name,
      o.domain === 'VIEW' ? 'VIEW' : o.kind,
      o.comment,
      o.domain === 'TABLE' ? o.clusterBy : '',
      count,
      o.domain === 'TABLE' ? bytesOf(o, count ?? 0) : null,
      o.owner,
      o.domain === 'TABLE' ? String(o.retentionDays) : '1',
      'ROLE',
    ];
  });
  return showResult(shape, rows, filter.limit !== null);
}

/** `data_type` as the vendor's JSON. */
export function dataTypeJson(type: SnowflakeType, nullable: boolean): string {
  switch (type.kind) {
    case 'number':
      return JSON.stringify({ type: 'FIXED', precision: type.precision, scale: type.scale, nullable });
    case 'float':
      return JSON.stringify({ type: 'REAL', nullable });
    case 'text':
      return JSON.stringify({
        type: 'TEXT',
        length: type.length,
        byteLength: Math.min(type.length * 4, Math.max(16_777_216, type.length)),
        nullable,
        fixed: false,
      });
    case 'binary':
      return JSON.stringify({ type: 'BINARY', length: type.length, byteLength: type.length, nullable, fixed: true });
    case 'time':
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return JSON.stringify({ type: type.kind.toUpperCase(), precision: 0, scale: type.scale, nullable });
    default:
      return JSON.stringify({ type: type.kind === 'null' ? 'TEXT' : type.kind.toUpperCase(), nullable });
  }
}

function showColumns(context: CoreContext, { filter }: ShowRequest): StatementResult {
  const objects = filter.table
    ? [filter.table]
    : inOrder<Table | View>([...tablesIn(context, filter.schemas), ...viewsIn(context, filter.schemas)]);
  const all = objects.flatMap((table) => table.columns.map((column) => ({ table, column })));
  const found = applyFilter(all, filter, ({ column }) => column.name);
  const shape: ShowShape = [
    ['table_name'],
    ['schema_name'],
    ['column_name'],
    ['data_type'],
    ['null?'],
    ['default'],
    ['kind'],
    ['expression'],
    ['comment'],
    ['database_name'],
    ['autoincrement'],
    ['schema_evolution_record'],
  ];
  const row = ({ table, column: c }: { table: Table | View; column: Column }): ShowCell[] => [
    table.name,
    table.schema.name,
    c.name,
    dataTypeJson(c.type, c.nullable),
    c.nullable ? 'true' : 'NOT_NULL',
    c.defaultText ?? '',
    'COLUMN',
    '',
    c.comment,
    table.schema.database.name,
    c.identity ? `IDENTITY START ${c.identity.start} INCREMENT ${c.identity.increment} NOORDER` : '',
    null,
  ];
  return showResult(shape, found.map(row), filter.limit !== null);
}

function showSequences(context: CoreContext, { filter }: ShowRequest): StatementResult {
  const found = applyFilter(
    inOrder(filter.schemas.flatMap((s) => context.catalog.list(s, 'SEQUENCE') as Sequence[])),
    filter,
    (s) => s.name,
  );
  const shape: ShowShape = [
    ['name'],
    ['database_name'],
    ['schema_name'],
    ['next_value', integer],
    ['interval', integer],
    ['created_on', moment],
    ['owner'],
    ['comment'],
    ['owner_role_type'],
    ['ordered'],
  ];
  return showResult(
    shape,
    found.map((s) => [
      s.name,
      s.schema.database.name,
      s.schema.name,
      s.start,
      s.increment,
      s.createdOn,
      s.owner,
      s.comment,
      'ROLE',
      'N',
    ]),
  );
}

function showKeys(context: CoreContext, { filter, noun }: ShowRequest): StatementResult {
  const kind = noun === 'PRIMARY KEYS' ? 'PRIMARY KEY' : 'UNIQUE';
  const tables = filter.table ? [filter.table] : inOrder(tablesIn(context, filter.schemas));
  const shape: ShowShape = [
    ['created_on', moment],
    ['database_name'],
    ['schema_name'],
    ['table_name'],
    ['column_name'],
    ['key_sequence', integer],
    ['constraint_name'],
    ['rely'],
    ['comment'],
  ];
  const rows = tables.flatMap((t): ShowCell[][] =>
    t.domain === 'VIEW'
      ? []
      : t.constraints
          .filter((c) => c.kind === kind)
          .flatMap((c) =>
            c.columns.map((column, i): ShowCell[] => [
              t.createdOn,
              t.schema.database.name,
              t.schema.name,
              t.name,
              column,
              i + 1,
              c.name,
              'false',
              null,
            ]),
          ),
  );
  return showResult(shape, rows);
}
