import type { CreateView, DdlStatement } from '../../sql/ast-ddl.ts';
import { createBinder } from '../bind/create-binder.ts';
import { SqlError } from '../errors.ts';
import type { ColumnMetadata, ViewMetadata } from '../metadata.ts';
import { findTable } from '../object-index.ts';
import { findSchema, findView, principalOf, requireDatabase } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';
import { objectExists } from './create-table.ts';

/** CREATE, ALTER and CREATE OR ALTER VIEW. */
export function createView(context: StatementContext, statement: CreateView): void {
  const { server, session } = context;
  const database = requireDatabase(server, session, statement.name.database);
  const schemaName = statement.name.schema ?? principalOf(database, session.login)?.defaultSchema ?? 'dbo';
  const schema = findSchema(database, schemaName);
  if (schema === undefined)
    throw new SqlError(
      2760,
      `The specified schema name "${schemaName}" either does not exist or you do not have permission to use it.`,
    );
  context.requirePermission(database, 'CREATE VIEW');
  const existing = findView(database, schema.id, statement.name.name);
  if (findTable(database, schema.id, statement.name.name) !== undefined) throw objectExists(statement.name.name);
  if (existing !== undefined && statement.verb === 'CREATE') throw objectExists(statement.name.name);
  if (existing === undefined && statement.verb === 'ALTER')
    throw new SqlError(208, `Invalid object name '${statement.name.name}'.`, { state: 6 });
  const columns = viewColumns(context, statement);
  const now = new Date();
  const view: ViewMetadata = {
    objectId: existing?.objectId ?? server.nextObjectId(),
    schemaId: schema.id,
    name: statement.name.name,
    definition: statement.definition,
    columns,
    createdOn: existing?.createdOn ?? now,
    modifiedOn: now,
  };
  const before = database.views;
  database.views = [...before.filter((one) => one !== existing), view];
  context.onRollback(() => {
    database.views = before;
  });
}

function viewColumns(context: StatementContext, statement: CreateView): ColumnMetadata[] {
  const b = createBinder(context.server.duck.scripts, context.environment());
  const query = b.query(statement.query, null);
  if (statement.columns.length > query.columns.length)
    throw new SqlError(8158, `'${statement.name.name}' has fewer columns than were specified in the column list.`);
  if (statement.columns.length > 0 && statement.columns.length < query.columns.length)
    throw new SqlError(8159, `'${statement.name.name}' has more columns than were specified in the column list.`);
  return query.columns.map((column, i) => {
    const name = statement.columns[i]?.name ?? column.name;
    if (name === '')
      throw new SqlError(
        4511,
        `Create View or Function failed because no column name was specified for column ${i + 1}.`,
      );
    return {
      id: i + 1,
      name,
      type: column.type,
      aliasTypeId: null,
      nullable: column.nullable,
      identity: null,
      computed: null,
      default: null,
      isRowGuid: false,
      isHidden: false,
      isSparse: false,
      isColumnSet: false,
      generatedAlways: 'NOT_APPLICABLE',
      maskingFunction: null,
      encryption: null,
      isFilestream: false,
      isAnsiPadded: true,
    };
  });
}

export function dropViews(context: StatementContext, statement: Extract<DdlStatement, { kind: 'drop-view' }>): void {
  const { server, session } = context;
  for (const name of statement.names) {
    const database = requireDatabase(server, session, name.database);
    const schema = findSchema(database, name.schema ?? principalOf(database, session.login)?.defaultSchema ?? 'dbo');
    const view = schema === undefined ? undefined : findView(database, schema.id, name.name);
    if (view === undefined) {
      if (statement.ifExists) continue;
      throw new SqlError(
        3701,
        `Cannot drop the view '${name.name}', because it does not exist or you do not have permission.`,
        { severity: 11, state: 5 },
      );
    }
    context.requirePermission(database, 'ALTER');
    const before = database.views;
    database.views = before.filter((one) => one !== view);
    context.onRollback(() => {
      database.views = before;
    });
  }
}
