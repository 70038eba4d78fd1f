import type { Property, PropertyValue } from './properties.ts';
import { booleanOf, showValue, textOf } from './properties.ts';
import { invalidParameter, invalidValue } from './stage-errors.ts';

/** What a load does with rejected records. */
export type OnError =
  | { kind: 'abort' }
  | { kind: 'continue' }
  /** Drop a file with this many rejected records, or this share of its records in percent. */
  | { kind: 'skip-file'; limit: number; unit: 'records' | 'percent' };

export interface CopyOptions {
  onError: OnError;
  sizeLimit: number | null;
  purge: boolean;
  returnFailedOnly: boolean;
  matchByColumnName: 'CASE_SENSITIVE' | 'CASE_INSENSITIVE' | 'NONE';
  truncateColumns: boolean;
  force: boolean;
  loadUncertainFiles: boolean;
}

/** Options of COPY INTO table with their DESCRIBE STAGE type and default. https://docs.snowflake.com/en/sql-reference/sql/desc-stage */
export const COPY_OPTION_DEFAULTS: Readonly<Record<string, readonly [type: string, initial: string]>> = {
  ON_ERROR: ['String', 'ABORT_STATEMENT'],
  SIZE_LIMIT: ['Long', ''],
  PURGE: ['Boolean', 'false'],
  RETURN_FAILED_ONLY: ['Boolean', 'false'],
  ENFORCE_LENGTH: ['Boolean', 'true'],
  TRUNCATECOLUMNS: ['Boolean', 'false'],
  FORCE: ['Boolean', 'false'],
};

const BOOLEANS = ['PURGE', 'RETURN_FAILED_ONLY', 'ENFORCE_LENGTH', 'TRUNCATECOLUMNS', 'FORCE', 'LOAD_UNCERTAIN_FILES'];

/** Checks copy options and gives them as texts, as a stage keeps them. */
export function readCopyOptionTexts(properties: readonly Property[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, value } of properties) {
    texts[name] = checkedText(name, value);
  }
  return texts;
}

/** Options from the places that may set them, the strongest last; unlike format options they add up. */
export function resolveCopyOptions(...places: readonly Readonly<Record<string, string>>[]): CopyOptions {
  const texts: Record<string, string> = Object.assign({}, ...places) as Record<string, string>;
  const isTrue = (name: string): boolean => texts[name] === 'true';
  return {
    onError: parseOnError(texts['ON_ERROR'] ?? 'ABORT_STATEMENT'),
    sizeLimit: texts['SIZE_LIMIT'] ? Number(texts['SIZE_LIMIT']) : null,
    purge: isTrue('PURGE'),
    returnFailedOnly: isTrue('RETURN_FAILED_ONLY'),
    matchByColumnName: (texts['MATCH_BY_COLUMN_NAME'] ?? 'NONE') as CopyOptions['matchByColumnName'],
    truncateColumns: isTrue('TRUNCATECOLUMNS') || texts['ENFORCE_LENGTH'] === 'false',
    force: isTrue('FORCE'),
    loadUncertainFiles: isTrue('LOAD_UNCERTAIN_FILES'),
  };
}

/** `ERROR_LIMIT` of a load's result: the number of rejected records at which the file, or the statement, is given up. */
export function errorLimit(onError: OnError, records: number): number {
  switch (onError.kind) {
    case 'abort':
      return 1;
    case 'continue':
      return Math.max(records, 1);
    case 'skip-file':
      return onError.unit === 'records' ? onError.limit : Math.max(Math.floor((records * onError.limit) / 100), 1);
  }
}

function checkedText(name: string, value: PropertyValue): string {
  if (BOOLEANS.includes(name)) {
    return String(booleanOf(name, value));
  }
  const text = textOf(name, value);
  switch (name) {
    case 'ON_ERROR':
      if (value.kind === 'number' || parseOnErrorText(text) === undefined) {
        throw invalidValue(showValue(value), name);
      }
      return text.toUpperCase();
    case 'SIZE_LIMIT':
      if (value.kind !== 'number' || !/^\d+$/.test(text) || Number(text) === 0) {
        throw invalidValue(showValue(value), name);
      }
      return text;
    case 'MATCH_BY_COLUMN_NAME':
      if (!['CASE_SENSITIVE', 'CASE_INSENSITIVE', 'NONE'].includes(text.toUpperCase())) {
        throw invalidValue(showValue(value), name);
      }
      return text.toUpperCase();
    default:
      throw invalidParameter(name);
  }
}

function parseOnError(text: string): OnError {
  const parsed = parseOnErrorText(text);
  if (!parsed) {
    throw invalidValue(text, 'ON_ERROR');
  }
  return parsed;
}

function parseOnErrorText(text: string): OnError | undefined {
  const word = text.toUpperCase();
  if (word === 'ABORT_STATEMENT') {
    return { kind: 'abort' };
  }
  if (word === 'CONTINUE') {
    return { kind: 'continue' };
  }
  if (word === 'SKIP_FILE') {
    return { kind: 'skip-file', limit: 1, unit: 'records' };
  }
  const limit = /^SKIP_FILE_(\d{1,9})(%?)$/.exec(word);
  return limit
    ? { kind: 'skip-file', limit: Number(limit[1]), unit: limit[2] === '%' ? 'percent' : 'records' }
    : undefined;
}
