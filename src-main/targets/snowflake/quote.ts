import type { TableRef } from '#shared/model/table';
import type { StageRef } from '../target.ts';

/**
 * A name as it is stored, in double quotes with quotes doubled: the one way by which names get into SQL. Names are quoted always, so that case, blanks,
 * dots and reserved words need no rules of their own. The session keeps QUOTED_IDENTIFIERS_IGNORE_CASE off, which would fold such names.
 * docs.snowflake.com/en/sql-reference/identifiers-syntax
 */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text constant. Snowflake reads backslash escapes in single-quoted text, so backslashes are doubled too. docs.snowflake.com/en/sql-reference/data-types-text */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

export function quoteName(...parts: string[]): string {
  return parts.map(quoteIdentifier).join('.');
}

export function tableName(table: TableRef): string {
  return quoteName(table.database, table.schema, table.name);
}

/** `@"DB"."SCHEMA"."STAGE"/path`; in single quotes as a whole when the path holds anything but plain characters. docs.snowflake.com/en/sql-reference/sql/copy-into-table */
export function stageLocation(stage: StageRef, path: string): string {
  const location = `@${quoteName(stage.database, stage.schema, stage.name)}/${path}`;
  // Two slashes begin a comment, also the one before the path and one at its beginning.
  return /^[A-Za-z0-9._/=-]*$/.test(path) && !path.includes('--') && !`/${path}`.includes('//')
    ? location
    : quoteLiteral(location);
}

/** What an unquoted identifier becomes: upper case, as Snowflake stores it. */
export function foldIdentifier(name: string): string {
  return name.toUpperCase();
}
