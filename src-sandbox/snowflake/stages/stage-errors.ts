import { SnowflakeError } from '../errors.ts';

/** The advice that ends every aborted load. */
const LOAD_ADVICE =
  "If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or 'CONTINUE' for " +
  "the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client.";

const FILE_GONE =
  'If you are running a copy command, please make sure files are not deleted when they are being loaded or files are not being ' +
  'loaded into two different tables concurrently with auto purge option.';

export const invalidParameter = (name: string): SnowflakeError =>
  new SnowflakeError('001006', '22023', `SQL compilation error:\ninvalid parameter '${name}'`);

/** @param value as written: quoted texts keep their quotes in the vendor's sentence */
export const invalidValue = (value: string, name: string): SnowflakeError =>
  new SnowflakeError('001008', '22023', `SQL compilation error:\ninvalid value [${value}] for parameter '${name}'`);

export const invalidProperty = (name: string, object: string): SnowflakeError =>
  new SnowflakeError('001420', '22023', `SQL compilation error:\ninvalid property '${name}' for '${object}'`);

export const missingProperty = (name: string): SnowflakeError =>
  new SnowflakeError('002029', '42601', `SQL compilation error:\nMissing option(s): [${name}]`);

export const unsupportedFeature = (what: string): SnowflakeError =>
  new SnowflakeError('000002', '0A000', `Unsupported feature '${what}'.`);

/** Stages, file formats, integrations, schemas and databases that are not there, or not visible. */
export const objectMissing = (what: string, name: string): SnowflakeError =>
  new SnowflakeError('002003', '02000', `SQL compilation error:\n${what} '${name}' does not exist or not authorized.`);

export const objectExists = (name: string): SnowflakeError =>
  new SnowflakeError('002002', '42710', `SQL compilation error:\nObject '${name}' already exists.`);

export const notPrivileged = (kind: string, name: string): SnowflakeError =>
  new SnowflakeError(
    '003001',
    '42501',
    `SQL access control error:\nInsufficient privileges to operate on ${kind} '${name}'.`,
  );

/** Whatever the cloud store answered, as Snowflake reports it: the store's sentence, HTTP status and error code. */
export const stageAreaFailure = (cause: string): SnowflakeError =>
  new SnowflakeError('091003', '22000', `Failure using stage area. Cause: [${cause}]`);

export const externalStageTransfer = (stageName: string): SnowflakeError =>
  stageAreaFailure(`${stageName} GET and PUT commands are not supported with external stage`);

export const locationNotAllowed = (location: string, integration: string): SnowflakeError =>
  new SnowflakeError(
    '003127',
    '42601',
    `SQL compilation error:\nLocation '${location}' is not allowed by integration '${integration}'. ` +
      'Please use DESC INTEGRATION to check out allowed and blocked locations.',
  );

export const roleNotAssumed = (reason: string): SnowflakeError =>
  new SnowflakeError('003167', '42601', `Error assuming AWS_ROLE:\n${reason}`);

/** The text of a statement that names a missing file; a result row has the longer one. */
export const fileNotFound = (reference: string): SnowflakeError =>
  new SnowflakeError('091016', '22000', `Remote file '${reference}' was not found. ${FILE_GONE}`);

export const fileNotFoundText = (reference: string): string =>
  `Remote file '${reference}' was not found. There are several potential causes. The file might not exist. ` +
  `The required credentials may be missing or invalid. ${FILE_GONE}`;

export const unloadTargetTaken = (reference: string): SnowflakeError =>
  new SnowflakeError(
    '001030',
    '22000',
    `Files already existing at the unload destination: ${reference}. Use overwrite option to force unloading.`,
  );

export const singleVariantColumn = (type: string): SnowflakeError =>
  new SnowflakeError(
    '002019',
    '0A000',
    `SQL compilation error:\n${type} file format can produce one and only one column of type variant, object, or array. ` +
      'Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.',
  );

/** One rejected record. `line` and `character` are null for formats without lines; `columnName` is `"T"["C":1]`. */
export interface LoadError {
  readonly code: string;
  readonly sqlState: string;
  readonly message: string;
  readonly line: number | null;
  readonly character: number | null;
  readonly columnName: string | null;
  /** The record's number in the file, from 1. */
  readonly row: number;
}

/** The error of a load that stops at its first rejected record. */
export function abortedLoad(file: string, error: LoadError): SnowflakeError {
  const lines = [
    error.message,
    `  File '${file}', line ${error.line ?? error.row}, character ${error.character ?? 0}`,
    `  Row ${error.row}${error.columnName === null ? '' : `, column ${error.columnName}`}`,
    `  ${LOAD_ADVICE}`,
  ];
  return new SnowflakeError(error.code, error.sqlState, lines.join('\n'));
}
