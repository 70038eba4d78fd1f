import type { StatementContext } from '../commands/command.ts';
import type { Query } from '../sql/ast.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { createTokenReader } from '../sql/token-reader.ts';
import type { LocationAccess } from './copy-statement.ts';
import { readAccess } from './copy-statement.ts';
import type { Property, PropertyValue } from './properties.ts';
import { booleanOf, endOfPrevious, propertyOf, readProperties, showValue, textOf } from './properties.ts';
import { invalidParameter, invalidValue, unsupportedFeature } from './stage-errors.ts';
import type { StageLocation } from './stage-location.ts';
import { readStageLocation } from './stage-location.ts';

/** A parsed `COPY INTO <location>`. */
export interface UnloadStatement {
  location: StageLocation;
  access: LocationAccess;
  query: Query;
  fileFormat: PropertyValue | null;
  overwrite: boolean;
  single: boolean;
  /** Bytes, 16 MB unless told. */
  maxFileSize: number;
  includeQueryId: boolean;
  detailedOutput: boolean;
  header: boolean;
  /** VALIDATION_MODE = RETURN_ROWS: the rows are the result, nothing is written. */
  returnsRows: boolean;
}

const DEFAULT_FILE_SIZE = 16_777_216;
const MAX_FILE_SIZE = 5_368_709_120;

const NAMES = [
  'FILE_FORMAT',
  'OVERWRITE',
  'SINGLE',
  'MAX_FILE_SIZE',
  'INCLUDE_QUERY_ID',
  'DETAILED_OUTPUT',
  'HEADER',
  'VALIDATION_MODE',
  'STORAGE_INTEGRATION',
  'CREDENTIALS',
  'ENCRYPTION',
];

/** Reads a statement after the words COPY INTO. https://docs.snowflake.com/en/sql-reference/sql/copy-into-location */
export function readUnloadStatement(context: StatementContext, reader: TokenReader): UnloadStatement {
  const location = readStageLocation(reader);
  reader.expectWords('FROM');
  const query = readSource(context, reader);
  if (reader.isWords('PARTITION', 'BY')) {
    throw unsupportedFeature('PARTITION BY of COPY INTO <location> in the practice environment');
  }
  const properties = readProperties(reader);
  reader.expectEnd();
  const unknown = properties.find((property) => !NAMES.includes(property.name));
  if (unknown) {
    throw invalidParameter(unknown.name);
  }
  const flag = (name: string): boolean => {
    const value = propertyOf(properties, name);
    return value !== undefined && booleanOf(name, value);
  };
  const statement = {
    location,
    access: readAccess(properties),
    query,
    fileFormat: propertyOf(properties, 'FILE_FORMAT') ?? null,
    overwrite: flag('OVERWRITE'),
    single: flag('SINGLE'),
    maxFileSize: readFileSize(properties),
    includeQueryId: flag('INCLUDE_QUERY_ID'),
    detailedOutput: flag('DETAILED_OUTPUT'),
    header: flag('HEADER'),
    returnsRows: readReturnsRows(properties),
  };
  // The vendor's page: INCLUDE_QUERY_ID = TRUE goes with neither SINGLE nor OVERWRITE.
  if (statement.includeQueryId && (statement.single || statement.overwrite)) {
    throw invalidValue('TRUE', 'INCLUDE_QUERY_ID');
  }
  return statement;
}

function readSource(context: StatementContext, reader: TokenReader): Query {
  if (reader.acceptOperator('(')) {
    const query = context.parseQuery(reader);
    reader.expectOperator(')');
    return query;
  }
  const { start } = reader.peek();
  reader.objectName();
  const name = reader.sql.slice(start, endOfPrevious(reader, start));
  const own = createTokenReader(`SELECT * FROM ${name}`);
  const query = context.parseQuery(own);
  own.expectEnd();
  return query;
}

function readFileSize(properties: readonly Property[]): number {
  const value = propertyOf(properties, 'MAX_FILE_SIZE');
  if (value === undefined) {
    return DEFAULT_FILE_SIZE;
  }
  const size = Number(textOf('MAX_FILE_SIZE', value));
  if (value.kind !== 'number' || !Number.isInteger(size) || size <= 0 || size > MAX_FILE_SIZE) {
    throw invalidValue(showValue(value), 'MAX_FILE_SIZE');
  }
  return size;
}

function readReturnsRows(properties: readonly Property[]): boolean {
  const value = propertyOf(properties, 'VALIDATION_MODE');
  if (value === undefined) {
    return false;
  }
  if (textOf('VALIDATION_MODE', value).toUpperCase() !== 'RETURN_ROWS') {
    throw invalidValue(showValue(value), 'VALIDATION_MODE');
  }
  return true;
}
