import { canSee } from '../catalog/privileges.ts';
import type { Database, SchemaDomain, SchemaObject, Table } from '../catalog/catalog-types.ts';
import { informationSchemaViews } from '../engine/information-schema.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import type { TableFunctionHook } from '../engine/table-functions.ts';
import { tableFunctionHooks } from '../engine/table-functions.ts';
import type { Cell } from '../engine/virtual-relation.ts';
import { virtualRelation } from '../engine/virtual-relation.ts';
import { SnowflakeError } from '../errors.ts';
import type { Expression } from '../sql/ast.ts';
import type { SnowflakeType } from '../sql/data-type.ts';
import { types } from '../sql/data-type.ts';
import { createTokenReader } from '../sql/token-reader.ts';
import { copyHistoryRows, loadHistoryRows } from './load-history.ts';
import type { FileFormatObject, Stage } from './stage-objects.ts';

type Shape = [name: string, type: SnowflakeType][];

const text = types.text();
const number = types.number(38, 0);
const instant = types.ltz(3);

/** https://docs.snowflake.com/en/sql-reference/info-schema/load_history */
const LOAD_HISTORY: Shape = [
  ['SCHEMA_NAME', text],
  ['FILE_NAME', text],
  ['TABLE_NAME', text],
  ['LAST_LOAD_TIME', instant],
  ['STATUS', text],
  ['ROW_COUNT', number],
  ['ROW_PARSED', number],
  ['FIRST_ERROR_MESSAGE', text],
  ['FIRST_ERROR_LINE_NUMBER', number],
  ['FIRST_ERROR_CHARACTER_POSITION', number],
  ['FIRST_ERROR_COL_NAME', text],
  ['ERROR_COUNT', number],
  ['ERROR_LIMIT', number],
];

/** https://docs.snowflake.com/en/sql-reference/info-schema/stages */
const STAGES: Shape = [
  ['STAGE_CATALOG', text],
  ['STAGE_SCHEMA', text],
  ['STAGE_NAME', text],
  ['STAGE_URL', text],
  ['STAGE_REGION', text],
  ['STAGE_TYPE', text],
  ['STAGE_OWNER', text],
  ['COMMENT', text],
  ['CREATED', instant],
  ['LAST_ALTERED', instant],
];

/** https://docs.snowflake.com/en/sql-reference/info-schema/file_formats, without the columns of single options. */
const FILE_FORMATS: Shape = [
  ['FILE_FORMAT_CATALOG', text],
  ['FILE_FORMAT_SCHEMA', text],
  ['FILE_FORMAT_NAME', text],
  ['FILE_FORMAT_OWNER', text],
  ['FILE_FORMAT_TYPE', text],
  ['CREATED', instant],
  ['LAST_ALTERED', instant],
  ['COMMENT', text],
];

/** https://docs.snowflake.com/en/sql-reference/functions/copy_history */
const COPY_HISTORY: Shape = [
  ['FILE_NAME', text],
  ['STAGE_LOCATION', text],
  ['LAST_LOAD_TIME', instant],
  ['ROW_COUNT', number],
  ['ROW_PARSED', number],
  ['FILE_SIZE', number],
  ['FIRST_ERROR_MESSAGE', text],
  ['FIRST_ERROR_LINE_NUMBER', number],
  ['FIRST_ERROR_CHARACTER_POS', number],
  ['FIRST_ERROR_COLUMN_NAME', text],
  ['ERROR_COUNT', number],
  ['ERROR_LIMIT', number],
  ['STATUS', text],
  ['TABLE_CATALOG_NAME', text],
  ['TABLE_SCHEMA_NAME', text],
  ['TABLE_NAME', text],
  ['PIPE_CATALOG_NAME', text],
  ['PIPE_SCHEMA_NAME', text],
  ['PIPE_NAME', text],
  ['PIPE_RECEIVED_TIME', instant],
];

/** Adds LOAD_HISTORY, STAGES, FILE_FORMATS and the table function COPY_HISTORY to INFORMATION_SCHEMA. */
export function addHistoryViews(): void {
  informationSchemaViews.set('LOAD_HISTORY', { shape: LOAD_HISTORY, rows: loadHistory });
  informationSchemaViews.set('STAGES', { shape: STAGES, rows: stages });
  informationSchemaViews.set('FILE_FORMATS', { shape: FILE_FORMATS, rows: fileFormats });
  if (!tableFunctionHooks.includes(copyHistory)) {
    tableFunctionHooks.push(copyHistory);
  }
}

function loadHistory(context: CoreContext, database: Database): Cell[][] {
  const tables = visible<Table>(context, database, 'TABLE');
  return loadHistoryRows(tables, context.state.services.now()).map((row) => [
    row.schemaName,
    row.fileName,
    row.tableName,
    nanos(row.lastLoadTime),
    row.status,
    row.rowCount,
    row.rowParsed,
    row.firstErrorMessage,
    row.firstErrorLineNumber,
    row.firstErrorCharacterPosition,
    row.firstErrorColName,
    row.errorCount,
    row.errorLimit,
  ]);
}

function stages(context: CoreContext, database: Database): Cell[][] {
  return visible<Stage>(context, database, 'STAGE').map((stage) => [
    database.name,
    stage.schema.name,
    stage.name,
    stage.url ?? '',
    null,
    stage.url === null ? 'Internal Named' : 'External Named',
    stage.owner,
    stage.comment || null,
    nanos(stage.createdOn),
    nanos(stage.createdOn),
  ]);
}

function fileFormats(context: CoreContext, database: Database): Cell[][] {
  return visible<FileFormatObject>(context, database, 'FILE FORMAT').map((object) => [
    database.name,
    object.schema.name,
    object.name,
    object.owner,
    object.format.type,
    nanos(object.createdOn),
    nanos(object.createdOn),
    object.comment || null,
  ]);
}

/** COPY_HISTORY(TABLE_NAME => '...', START_TIME => ... [, END_TIME => ...]), by name or by position. */
const copyHistory: TableFunctionHook = (context, source, given) => {
  if (source.name.at(-1)?.name !== 'COPY_HISTORY') {
    return undefined;
  }
  const argument = (name: string, place: number): Expression | undefined =>
    source.namedArgs[name] ?? source.args[place];
  const tableName = argument('TABLE_NAME', 0);
  const start = argument('START_TIME', 1);
  const end = argument('END_TIME', 2);
  if (!tableName || !start) {
    const missing = tableName ? 'START_TIME' : 'TABLE_NAME';
    throw new SnowflakeError(
      '001015',
      '22023',
      `SQL compilation error:\nMissing required argument [${missing}] for function [COPY_HISTORY]`,
    );
  }
  const reader = createTokenReader(given.constant(tableName));
  const name = reader.objectName();
  reader.expectEnd();
  const table = context.require<Table>('TABLE', name);
  let range: { start: Date; end?: Date } = { start: new Date(0) };
  given.prelude.push(async () => {
    range = { start: await toDate(context, start), ...(end ? { end: await toDate(context, end) } : {}) };
  });
  return virtualRelation(context.session, {
    columns: COPY_HISTORY.map(([column, type]) => ({ name: column, type })),
    rows: () =>
      copyHistoryRows(table, range, context.state.services.now()).map((row) => [
        row.fileName,
        row.stageLocation,
        nanos(row.lastLoadTime),
        row.rowCount,
        row.rowParsed,
        row.fileSize,
        row.firstErrorMessage,
        row.firstErrorLineNumber,
        row.firstErrorCharacterPos,
        row.firstErrorColumnName,
        row.errorCount,
        row.errorLimit,
        row.status,
        row.tableCatalogName,
        row.tableSchemaName,
        row.tableName,
        null,
        null,
        null,
        null,
      ]),
    prelude: given.prelude,
    qualifiers: ['COPY_HISTORY'],
  });
};

/** The instant that an expression gives: `DATEADD(hours, -1, CURRENT_TIMESTAMP())`, a timestamp's text... */
async function toDate(context: CoreContext, expression: Expression): Promise<Date> {
  const value = context.cast(await context.translateExpression(expression), types.ltz(9));
  const [row] = await context.run(`SELECT CAST(${value.sql} // 1000000 AS BIGINT) AS ms`);
  return new Date(Number(row?.['ms'] ?? 0));
}

function visible<T extends SchemaObject>(context: CoreContext, database: Database, domain: SchemaDomain): T[] {
  return [...database.schemas.values()]
    .flatMap((schema) => context.catalog.list(schema, domain))
    .filter((object) => canSee(context.catalog, context.session.role, object))
    .filter((object) => isOwn(context, object)) as T[];
}

/** Temporary objects are seen by their own session alone. */
function isOwn(context: CoreContext, object: SchemaObject): boolean {
  const sessionId = 'sessionId' in object ? object.sessionId : null;
  return sessionId === null || sessionId === context.session.id;
}

const nanos = (date: Date): Cell => BigInt(date.getTime()) * 1_000_000n;
