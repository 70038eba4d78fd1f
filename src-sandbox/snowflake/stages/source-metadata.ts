import type { TypedSql } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { types } from '../sql/data-type.ts';
import type { SourceFile } from './stage-source.ts';

/**
 * The columns that every relation of staged files carries beside its data, in this order: row_number (from 1), file_name,
 * content_key, last_modified and scanned_on. `file` undefined: typed NULLs for a relation without files.
 */
export function metadataExpressions(file: SourceFile | undefined, rowNumber: string): string[] {
  if (!file) {
    return [
      'CAST(0 AS DECIMAL(18,0)) AS row_number',
      'CAST(NULL AS VARCHAR) AS file_name',
      'CAST(NULL AS VARCHAR) AS content_key',
      'CAST(NULL AS HUGEINT) AS last_modified',
      'CAST(NULL AS HUGEINT) AS scanned_on',
    ];
  }
  return [
    `CAST(${rowNumber} AS DECIMAL(18,0)) AS row_number`,
    `${quoteText(file.metadataName)} AS file_name`,
    `${quoteText(file.staged.md5)} AS content_key`,
    `${nanos(file.staged.lastModified)} AS last_modified`,
    `${nanos(file.scannedOn)} AS scanned_on`,
  ];
}

/** METADATA$ columns. https://docs.snowflake.com/en/user-guide/querying-metadata */
export function metadataColumns(name: string, alias: string): TypedSql | undefined {
  switch (name.toUpperCase()) {
    case 'METADATA$FILENAME':
      return { sql: `${alias}file_name`, type: types.text(), nullable: true };
    case 'METADATA$FILE_ROW_NUMBER':
      return { sql: `${alias}row_number`, type: types.number(18, 0), nullable: true };
    case 'METADATA$FILE_CONTENT_KEY':
      return { sql: `${alias}content_key`, type: types.text(), nullable: true };
    case 'METADATA$FILE_LAST_MODIFIED':
      return { sql: `${alias}last_modified`, type: types.ntz(), nullable: true };
    case 'METADATA$START_SCAN_TIME':
      return { sql: `${alias}scanned_on`, type: types.ltz(), nullable: true };
    default:
      return undefined;
  }
}

function nanos(date: Date): string {
  return `CAST('${BigInt(date.getTime()) * 1_000_000n}' AS HUGEINT)`;
}
