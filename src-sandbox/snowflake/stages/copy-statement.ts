import type { StatementContext } from '../commands/command.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { Query, SelectCore, TableSource } from '../sql/ast.ts';
import type { Identifier, ObjectName, TokenReader } from '../sql/token-reader.ts';
import { readCopyOptionTexts } from './copy-options.ts';
import type { Property, PropertyValue } from './properties.ts';
import { groupOf, listOf, objectNameOf, propertyOf, readProperties, showValue, textOf } from './properties.ts';
import { invalidParameter, invalidValue, unsupportedFeature } from './stage-errors.ts';
import type { StageLocation } from './stage-location.ts';
import { isStageLocation, parseStageLocation, readStageLocation } from './stage-location.ts';

/** How a bucket's URL in the statement itself is reached. */
export interface LocationAccess {
  integration: ObjectName | null;
  credentials: readonly Property[] | null;
}

export type ValidationMode = { kind: 'rows'; count: number } | { kind: 'errors'; all: boolean };

/** A parsed `COPY INTO <table>`. */
export interface CopyIntoTable {
  table: ObjectName;
  columns: Identifier[] | null;
  /** Null: the table's own stage. */
  location: StageLocation | null;
  access: LocationAccess;
  /** The SELECT of a transforming COPY. */
  query: Query | null;
  files: readonly string[] | null;
  pattern: string | null;
  fileFormat: PropertyValue | null;
  copyOptions: Readonly<Record<string, string>>;
  validation: ValidationMode | null;
}

/** The vendor allows this many names in FILES. */
export const MAX_FILES = 1000;

/**
 * Reads `COPY INTO <table> ...` after the words COPY INTO. Everything that the vendor's page excludes is refused here:
 * unknown options, more than 1,000 FILES, MATCH_BY_COLUMN_NAME or VALIDATION_MODE beside a transformation, a query that is more
 * than a list of expressions over one stage. https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
 */
export function readCopyIntoTable(context: StatementContext, reader: TokenReader): CopyIntoTable {
  const table = reader.objectName();
  const columns = reader.isOperator('(') ? readColumns(reader) : null;
  let location: StageLocation | null = null;
  let query: Query | null = null;
  if (reader.acceptWords('FROM')) {
    if (reader.acceptOperator('(')) {
      query = context.parseQuery(reader);
      reader.expectOperator(')');
      location = locationOfQuery(query);
      skipAlias(reader);
    } else {
      location = readStageLocation(reader);
    }
  }
  const properties = readProperties(reader);
  reader.expectEnd();
  return { table, columns, location, query, ...readClauses(properties, query !== null) };
}

/** The stage that a transforming query reads. */
export function stageOfQuery(query: Query): Extract<TableSource, { kind: 'stage' }> {
  const { body } = query;
  const isSimple =
    body.kind === 'select' &&
    query.ctes.length === 0 &&
    query.orderBy.length === 0 &&
    query.limit === null &&
    query.offset === null &&
    isPlainSelect(body);
  if (!isSimple || body.kind !== 'select' || body.from?.kind !== 'stage') {
    throw new SnowflakeError(
      '002158',
      '0A000',
      'SQL compilation error:\nCOPY statement only supports simple SELECT from stage statements for import.',
    );
  }
  return body.from;
}

function isPlainSelect(body: SelectCore): boolean {
  return (
    body.top === null &&
    body.where === null &&
    (body.groupBy === 'ALL' ? false : body.groupBy.length === 0) &&
    body.having === null &&
    body.qualify === null
  );
}

function locationOfQuery(query: Query): StageLocation {
  const source = stageOfQuery(query);
  return parseStageLocation(source.location, source.span);
}

function readColumns(reader: TokenReader): Identifier[] {
  reader.expectOperator('(');
  const columns = [reader.identifier()];
  while (reader.acceptOperator(',')) {
    columns.push(reader.identifier());
  }
  reader.expectOperator(')');
  const names = columns.map((column) => column.name);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new SnowflakeError('002025', '42S21', `SQL compilation error:\nduplicate column name '${repeated}'`);
  }
  return columns;
}

/** `FROM (SELECT ...) t`: an alias after the query is allowed and means nothing. */
function skipAlias(reader: TokenReader): void {
  const isOption = reader.peek(1).kind === 'operator' && reader.peek(1).value === '=';
  if ((reader.peek().kind === 'word' || reader.peek().kind === 'quoted') && !isOption && !reader.atEnd()) {
    reader.acceptWords('AS');
    reader.identifier();
  }
}

function readClauses(
  properties: readonly Property[],
  isTransforming: boolean,
): Pick<CopyIntoTable, 'access' | 'files' | 'pattern' | 'fileFormat' | 'copyOptions' | 'validation'> {
  const value = (name: string): PropertyValue | undefined => propertyOf(properties, name);
  const own = [
    'FILES',
    'PATTERN',
    'FILE_FORMAT',
    'VALIDATION_MODE',
    'STORAGE_INTEGRATION',
    'CREDENTIALS',
    'ENCRYPTION',
    'COPY_OPTIONS',
  ];
  const others = properties.filter((property) => !own.includes(property.name));
  const unsupported = others.find((property) =>
    ['INCLUDE_METADATA', 'LOAD_MODE', 'CLUSTER_AT_INGEST_TIME', 'FILE_PROCESSOR'].includes(property.name),
  );
  if (unsupported) {
    throw unsupportedFeature(`COPY option ${unsupported.name} in the practice environment`);
  }
  const grouped = value('COPY_OPTIONS');
  const copyOptions = readCopyOptionTexts([...(grouped ? groupOf('COPY_OPTIONS', grouped) : []), ...others]);
  const validation = value('VALIDATION_MODE');
  if (isTransforming && validation) {
    throw invalidParameter('validation_mode');
  }
  const matchesByName = (copyOptions['MATCH_BY_COLUMN_NAME'] ?? 'NONE') !== 'NONE';
  if (matchesByName && (isTransforming || validation)) {
    const what = isTransforming ? 'copy transform' : 'validation mode';
    throw new SnowflakeError(
      '001795',
      '0A000',
      `SQL compilation error:\nmatch_by_column_name is not supported with ${what}.`,
    );
  }
  const files = value('FILES');
  const pattern = value('PATTERN');
  return {
    access: readAccess(properties),
    files: files ? checkFiles(listOf('FILES', files)) : null,
    pattern: pattern ? textOf('PATTERN', pattern) : null,
    fileFormat: value('FILE_FORMAT') ?? null,
    copyOptions,
    validation: validation ? readValidationMode(validation) : null,
  };
}

/** STORAGE_INTEGRATION and CREDENTIALS of a statement that names a bucket's URL. */
export function readAccess(properties: readonly Property[]): LocationAccess {
  const integration = propertyOf(properties, 'STORAGE_INTEGRATION');
  const credentials = propertyOf(properties, 'CREDENTIALS');
  if (integration && credentials) {
    throw unsupportedFeature(
      'CREDENTIALS property is not allowed on stages that use a storage integration or within COPY commands that use a storage integration',
    );
  }
  return {
    integration: integration ? objectNameOf('STORAGE_INTEGRATION', integration) : null,
    credentials: credentials ? groupOf('CREDENTIALS', credentials) : null,
  };
}

function checkFiles(files: readonly string[]): readonly string[] {
  if (files.length > MAX_FILES) {
    throw new SnowflakeError(
      '001008',
      '22023',
      `SQL compilation error:\ninvalid value for parameter 'FILES': ${files.length} file names, the maximum is ${MAX_FILES}`,
    );
  }
  if (files.length === 0) {
    throw invalidValue('()', 'FILES');
  }
  return [...new Set(files)];
}

function readValidationMode(value: PropertyValue): ValidationMode {
  const text = textOf('VALIDATION_MODE', value).toUpperCase();
  const rows = /^RETURN_(\d{1,9})_ROWS$/.exec(text);
  if (rows) {
    return { kind: 'rows', count: Number(rows[1]) };
  }
  if (text === 'RETURN_ERRORS' || text === 'RETURN_ALL_ERRORS') {
    return { kind: 'errors', all: text === 'RETURN_ALL_ERRORS' };
  }
  throw invalidValue(showValue(value), 'VALIDATION_MODE');
}

/** Whether the statement unloads: `COPY INTO @stage` or `COPY INTO 's3://...'`. */
export function isUnload(reader: TokenReader): boolean {
  const mark = reader.mark();
  const unload = reader.acceptWords('COPY', 'INTO') && isStageLocation(reader);
  reader.reset(mark);
  return unload;
}

/** @throws 000904 for a column that the table does not have */
export function unknownColumn(name: string): SnowflakeError {
  return errors.invalidIdentifier(name);
}
