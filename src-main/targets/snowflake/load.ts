import type { Carrier, ColumnType } from '#shared/model/column-type';
import type { CopyRequest, LoadExpression, LedgerLocation } from '../target.ts';
import { fitType, parseTargetType, type TargetType } from './column-types.ts';
import { quoteIdentifier, quoteLiteral, quoteName, stageLocation, tableName } from './quote.ts';

export interface LoadExpressionRequest {
  alias: string;
  carrier: Carrier;
  type: ColumnType;
  targetType: string;
  nullOutOfRange: boolean;
}

/**
 * The expression of the transforming COPY that loads a staged column. Only functions that COPY transformations allow are used:
 * docs.snowflake.com/en/user-guide/data-load-transform (there TRY_TO_TIMESTAMP and TRY_PARSE_JSON are missing, TRY_CAST and CHECK_JSON are there).
 *
 * Every value is cast first: the vectorized scanner shows an absent value as a JSON null, which `::VARCHAR` and the like turn into SQL NULL, while a bare
 * `$1:c1` would load a JSON null into VARIANT.
 */
export function loadExpression(request: LoadExpressionRequest): LoadExpression {
  const target = parseTargetType(request.targetType);
  if (!target) return cannot(`the target type ${request.targetType} cannot be loaded from files`);
  const fit = fitType(request.type, target);
  if (fit.kind === 'loses' || fit.kind === 'other') return cannot(fit.detail);
  const column = stagedColumn(request.alias);
  const loaded = expressionFor({ ...request, column, target });
  if (loaded.kind === 'cannot-load' || fit.kind === 'holds') return loaded;
  const note = request.nullOutOfRange && loaded.coversLength ? null : sentence(fit.detail);
  return { kind: 'loads', expression: loaded.expression, notes: note ? [note, ...loaded.notes] : loaded.notes };
}

/** The most names that FILES takes: docs.snowflake.com/en/sql-reference/sql/copy-into-table */
export const MAX_FILES_PER_COPY = 1000;

/** Name of the Parquet file format beside the ledger. */
export const PARQUET_FORMAT = 'SNOWFERRY_PARQUET';
export const JSON_FORMAT = 'SNOWFERRY_JSON';
export type FileFormatName = typeof PARQUET_FORMAT | typeof JSON_FORMAT;

export function formatName(ledger: LedgerLocation, format: FileFormatName): string {
  return quoteLiteral(quoteName(ledger.database, ledger.schema, format));
}

/** One transforming COPY. Throws when more than 1,000 files are given: `copyStatements` cuts them. */
export function copyStatement(request: CopyRequest): string {
  if (request.files.length > MAX_FILES_PER_COPY)
    throw new RangeError(`COPY takes at most ${MAX_FILES_PER_COPY} files, not ${request.files.length}.`);
  const columns = request.columns.map((column) => quoteIdentifier(column.targetName)).join(', ');
  const expressions = request.columns.map((column) => column.loadExpression).join(', ');
  return [
    `COPY INTO ${tableName(request.table)} (${columns})`,
    `FROM (SELECT ${expressions} FROM ${stageLocation(request.stage, request.path)})`,
    `FILES = (${request.files.map(quoteLiteral).join(', ')})`,
    `FILE_FORMAT = (FORMAT_NAME = ${formatName(request.ledger, PARQUET_FORMAT)})`,
    'ON_ERROR = ABORT_STATEMENT',
    'PURGE = FALSE',
  ].join('\n');
}

/** As many COPY statements as the file limit asks for; none for no files. */
export function copyStatements(request: CopyRequest): string[] {
  const statements: string[] = [];
  for (let start = 0; start < request.files.length; start += MAX_FILES_PER_COPY) {
    statements.push(copyStatement({ ...request, files: request.files.slice(start, start + MAX_FILES_PER_COPY) }));
  }
  return statements;
}

interface Resolved extends LoadExpressionRequest {
  column: string;
  target: TargetType;
}

type Loaded =
  | { kind: 'loads'; expression: string; notes: string[]; coversLength: boolean }
  | { kind: 'cannot-load'; reason: string };

function expressionFor(request: Resolved): Loaded {
  switch (request.target.name) {
    case 'NUMBER':
      return loadNumber(request);
    case 'FLOAT':
      return loadFloat(request);
    case 'DECFLOAT':
      return loadDecfloat(request);
    case 'VARCHAR':
      return loadVarchar(request);
    case 'BINARY':
      return loadBinary(request);
    case 'BOOLEAN':
      return request.carrier === 'native-boolean' ? loads(`${request.column}::BOOLEAN`) : cannotCarry(request);
    case 'DATE':
      return loadDate(request);
    case 'TIME':
      return loadTime(request);
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return loadTimestamp(request);
    case 'VARIANT':
      return loadVariant(request);
    case 'OBJECT':
      return request.carrier === 'json' ? loads(`TO_OBJECT(${parseJson(request)})`) : cannotCarry(request);
    case 'ARRAY':
      return cannotCarry(request);
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return loadSpatial(request);
  }
}

function loadNumber(request: Resolved): Loaded {
  const { column, target } = request;
  const type = `NUMBER(${target.precision},${target.scale})`;
  switch (request.carrier) {
    case 'native-integer':
    case 'native-decimal':
      return request.nullOutOfRange
        ? loads(`TRY_CAST(${column}::VARCHAR AS ${type})`, [], true)
        : loads(`${column}::${type}`);
    case 'decimal-text': {
      const name = request.nullOutOfRange ? 'TRY_TO_NUMBER' : 'TO_NUMBER';
      return loads(`${name}(${column}::VARCHAR, ${target.precision}, ${target.scale})`, [], true);
    }
    case 'native-boolean':
      return loads(`${column}::BOOLEAN::${type}`, ['True becomes 1, false becomes 0.']);
    default:
      return cannotCarry(request);
  }
}

function loadFloat(request: Resolved): Loaded {
  switch (request.carrier) {
    case 'native-float':
    case 'native-integer':
    case 'native-decimal':
      return loads(`${request.column}::FLOAT`);
    case 'decimal-text':
      return loads(`TO_DOUBLE(${request.column}::VARCHAR)`);
    default:
      return cannotCarry(request);
  }
}

function loadDecfloat(request: Resolved): Loaded {
  switch (request.carrier) {
    case 'native-integer':
    case 'native-decimal':
    case 'decimal-text':
      return loads(`TO_DECFLOAT(${request.column}::VARCHAR)`);
    default:
      return cannotCarry(request);
  }
}

/** Never with a length: a cast to VARCHAR(n) may cut, an insert into the column refuses. */
function loadVarchar(request: Resolved): Loaded {
  const { column, type } = request;
  switch (request.carrier) {
    case 'native-text':
    case 'decimal-text':
    case 'hex':
    case 'iso-date':
    case 'iso-time':
    case 'iso-time-tz':
    case 'iso-timestamp':
    case 'iso-timestamp-tz':
    case 'json':
    case 'xml':
    case 'wkt':
    case 'hex-ewkb':
    case 'interval-text':
      return loadText(request, `${column}::VARCHAR`);
    case 'native-integer':
      return loadText(request, `${column}::NUMBER(38,0)::VARCHAR`);
    case 'native-decimal':
      return loadText(request, `${column}::NUMBER(${type.precision ?? 38},${type.scale ?? 0})::VARCHAR`);
    case 'native-boolean':
      return loadText(request, `${column}::BOOLEAN::VARCHAR`, ['True becomes the text true, false the text false.']);
    case 'native-binary':
      return loadText(request, `TO_VARCHAR(${column}::BINARY, 'HEX')`, ['The bytes become text in hex digits.']);
    case 'native-date':
      return loadText(request, `TO_VARCHAR(${column}::DATE, 'YYYY-MM-DD')`);
    case 'native-timestamp':
      return loadText(request, `TO_VARCHAR(${column}::TIMESTAMP_NTZ(9), ${quoteLiteral(timestampFormat(type))})`);
    case 'utc-timestamp':
      return loadText(
        request,
        `TO_VARCHAR(${column}::TIMESTAMP_NTZ(9), ${quoteLiteral(`${timestampFormat(type)} "+00:00"`)})`,
      );
    case 'native-float':
      return cannotCarry(request);
  }
}

function loadText(request: Resolved, text: string, notes: string[] = []): Loaded {
  if (!request.nullOutOfRange) return loads(text, notes);
  return loads(`IFF(LENGTH(${text}) <= ${request.target.length}, ${text}, NULL)`, notes, true);
}

function loadBinary(request: Resolved): Loaded {
  const { column, target } = request;
  switch (request.carrier) {
    case 'hex': {
      if (!request.nullOutOfRange) return loads(`TO_BINARY(${column}::VARCHAR, 'HEX')`);
      const bytes = `TRY_TO_BINARY(${column}::VARCHAR, 'HEX')`;
      return loads(`IFF(LENGTH(${bytes}) <= ${target.length}, ${bytes}, NULL)`, [], true);
    }
    case 'native-binary': {
      const bytes = `${column}::BINARY`;
      return request.nullOutOfRange
        ? loads(`IFF(LENGTH(${bytes}) <= ${target.length}, ${bytes}, NULL)`, [], true)
        : loads(bytes);
    }
    default:
      return cannotCarry(request);
  }
}

/** TRY_TO_DATE takes no format inside COPY; the session keeps DATE_INPUT_FORMAT at AUTO, which reads ISO dates. */
function loadDate(request: Resolved): Loaded {
  switch (request.carrier) {
    case 'native-date':
      return loads(request.nullOutOfRange ? `TRY_TO_DATE(${request.column}::VARCHAR)` : `${request.column}::DATE`);
    case 'iso-date':
      return loads(
        request.nullOutOfRange
          ? `TRY_TO_DATE(${request.column}::VARCHAR)`
          : `TO_DATE(${request.column}::VARCHAR, 'YYYY-MM-DD')`,
      );
    default:
      return cannotCarry(request);
  }
}

/**
 * ISO text may have a T or a blank, any number of fractional digits or none. An explicit format would insist on one of these forms, so the automatic
 * detection of the ISO formats is used; the text is never a bare number, which it could mistake. docs.snowflake.com/en/sql-reference/date-time-input-output
 */
function loadTime(request: Resolved): Loaded {
  if (request.carrier !== 'iso-time') return cannotCarry(request);
  const type = `TIME(${request.target.precision})`;
  return loads(
    request.nullOutOfRange
      ? `TRY_CAST(${request.column}::VARCHAR AS ${type})`
      : `TO_TIME(${request.column}::VARCHAR)::${type}`,
  );
}

function loadTimestamp(request: Resolved): Loaded {
  const { column, target } = request;
  const digits = target.precision;
  const type = `${target.name}(${digits})`;
  const plain = `TIMESTAMP_NTZ(${digits})`;
  switch (request.carrier) {
    case 'native-timestamp':
      if (target.name !== 'TIMESTAMP_NTZ') return cannot(`a timestamp without zone would get a zone in ${target.name}`);
      return loads(request.nullOutOfRange ? `TRY_CAST(${column}::VARCHAR AS ${type})` : `${column}::${type}`);
    case 'iso-timestamp':
      if (target.name !== 'TIMESTAMP_NTZ') return cannot(`a timestamp without zone would get a zone in ${target.name}`);
      return loads(
        request.nullOutOfRange
          ? `TRY_CAST(${column}::VARCHAR AS ${type})`
          : `TO_TIMESTAMP_NTZ(${column}::VARCHAR)::${type}`,
      );
    case 'utc-timestamp': {
      // The session's zone is UTC: the file's value is the same wall clock whether Parquet marks it as adjusted to UTC or not, and the last cast attaches +00:00.
      const value = request.nullOutOfRange
        ? `TRY_CAST(${column}::${plain}::VARCHAR AS ${plain})`
        : `${column}::${plain}`;
      return target.name === 'TIMESTAMP_NTZ'
        ? loads(value, ['The value is stored in UTC, without a zone.'])
        : loads(`${value}::${type}`);
    }
    case 'iso-timestamp-tz':
      if (target.name === 'TIMESTAMP_NTZ')
        return cannot('the offset from UTC would be lost in TIMESTAMP_NTZ; TIMESTAMP_TZ keeps it');
      return loads(
        request.nullOutOfRange
          ? `TRY_CAST(${column}::VARCHAR AS ${type})`
          : `TO_${target.name}(${column}::VARCHAR)::${type}`,
        target.name === 'TIMESTAMP_LTZ' ? ['The moment is kept, the offset from UTC is not.'] : [],
      );
    case 'native-date':
      return loads(`${column}::DATE::${type}`);
    case 'iso-date':
      return loads(`TO_DATE(${column}::VARCHAR, 'YYYY-MM-DD')::${type}`);
    default:
      return cannotCarry(request);
  }
}

function loadVariant(request: Resolved): Loaded {
  const { column, type } = request;
  switch (request.carrier) {
    case 'json':
      return loads(parseJson(request));
    case 'xml':
      return loads(`PARSE_XML(${column}::VARCHAR)`, [
        'XML comments and white space between elements are not kept in VARIANT.',
      ]);
    case 'native-integer':
      return loads(`TO_VARIANT(${column}::NUMBER(38,0))`);
    case 'native-decimal':
      return loads(`TO_VARIANT(${column}::NUMBER(${type.precision ?? 38},${type.scale ?? 0}))`);
    case 'native-float':
      return loads(`TO_VARIANT(${column}::FLOAT)`);
    case 'native-boolean':
      return loads(`TO_VARIANT(${column}::BOOLEAN)`);
    case 'native-date':
      return loads(`TO_VARIANT(${column}::DATE)`);
    case 'native-timestamp':
      return loads(`TO_VARIANT(${column}::TIMESTAMP_NTZ(9))`);
    case 'utc-timestamp':
      return loads(`TO_VARIANT(${column}::TIMESTAMP_NTZ(9)::TIMESTAMP_TZ(9))`);
    case 'native-text':
    case 'iso-date':
    case 'iso-time':
    case 'iso-time-tz':
    case 'iso-timestamp':
    case 'iso-timestamp-tz':
    case 'interval-text':
    case 'decimal-text':
      return loads(
        `TO_VARIANT(${column}::VARCHAR)`,
        request.carrier === 'native-text' ? [] : ['The value is kept as text inside VARIANT.'],
      );
    case 'native-binary':
    case 'hex':
    case 'hex-ewkb':
    case 'wkt':
      return cannotCarry(request);
  }
}

/** EWKB carries its SRID into GEOMETRY. GEOGRAPHY takes SRID 4326 only and refuses others. docs.snowflake.com/en/sql-reference/data-types-geospatial */
function loadSpatial(request: Resolved): Loaded {
  if (request.carrier !== 'hex-ewkb' && request.carrier !== 'wkt') return cannotCarry(request);
  const name = `${request.nullOutOfRange ? 'TRY_' : ''}TO_${request.target.name}`;
  const notes = ['Snowflake keeps 14 decimal places of a coordinate.'];
  if (request.carrier === 'wkt' && request.target.name === 'GEOMETRY')
    notes.push('Text without an SRID gets the SRID 0.');
  if (request.target.name === 'GEOGRAPHY' && request.type.kind === 'geometry') {
    notes.push('GEOGRAPHY accepts the SRID 4326 only; another one stops the load.');
  }
  return loads(`${name}(${request.column}::VARCHAR)`, notes);
}

function parseJson(request: Resolved): string {
  const text = `${request.column}::VARCHAR`;
  return request.nullOutOfRange ? `IFF(CHECK_JSON(${text}) IS NULL, PARSE_JSON(${text}), NULL)` : `PARSE_JSON(${text})`;
}

/** Aliases are c1..cN; any other name is quoted, because a path element is case-sensitive and may hold anything then. */
function stagedColumn(alias: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(alias) ? `$1:${alias}` : `$1:${quoteIdentifier(alias)}`;
}

function timestampFormat(type: ColumnType): string {
  const digits = type.precision ?? 9;
  return digits === 0 ? 'YYYY-MM-DD HH24:MI:SS' : `YYYY-MM-DD HH24:MI:SS.FF${digits}`;
}

function loads(expression: string, notes: string[] = [], coversLength = false): Loaded {
  return { kind: 'loads', expression, notes, coversLength };
}

function cannot(reason: string): { kind: 'cannot-load'; reason: string } {
  return { kind: 'cannot-load', reason };
}

function cannotCarry(request: Resolved): { kind: 'cannot-load'; reason: string } {
  return cannot(`${request.carrier} does not load into ${request.targetType}`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
