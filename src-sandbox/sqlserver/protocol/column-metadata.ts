import type { ResultColumn, SqlType } from '../engine-contract.ts';
import type { ByteWriter } from './byte-writer.ts';
import { collationOf, isTextPointerType, writeTypeInfo } from './type-info.ts';
import { TOKEN } from './tokens.ts';

/** Flags of a column (MS-TDS 2.2.7.4). Whether a column may be updated is not known to the engine: 2, "unused". */
const FLAG = { nullable: 0x01, caseSensitive: 0x02, updatableUnknown: 0x08, identity: 0x10, computed: 0x20 };
/** UserType of timestamp; the server's own types have 0 otherwise. */
const TIMESTAMP_USER_TYPE = 0x50;
const MAX_COLUMNS = 4096;

/** MS-TDS 2.2.7.4: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/58880b9f-381c-43b2-bf8b-0727a98c4f4c */
export function writeColumnMetadata(writer: ByteWriter, columns: ResultColumn[], database: string): void {
  if (columns.length === 0 || columns.length > MAX_COLUMNS) throw new Error(`a result of ${columns.length} columns`);
  writer.u8(TOKEN.columnMetadata);
  writer.u16(columns.length);
  for (const column of columns) {
    writer.u32(column.type.name === 'timestamp' ? TIMESTAMP_USER_TYPE : 0);
    writer.u16(flagsOf(column));
    writeTypeInfo(writer, column.type, { isNullable: column.nullable, database });
    if (isTextPointerType(column.type)) {
      // One part of a table name, empty: the engine does not say where a column comes from.
      writer.u8(1);
      writer.u16(0);
    }
    writer.byteText(column.name);
  }
}

function flagsOf(column: ResultColumn): number {
  return (
    (column.nullable ? FLAG.nullable : 0) |
    (isCaseSensitive(column.type) ? FLAG.caseSensitive : 0) |
    (column.isIdentity || column.isComputed ? 0 : FLAG.updatableUnknown) |
    (column.isIdentity ? FLAG.identity : 0) |
    (column.isComputed ? FLAG.computed : 0)
  );
}

const TEXT_TYPES = new Set<SqlType['name']>(['char', 'varchar', 'text', 'nchar', 'nvarchar', 'ntext']);

function isCaseSensitive(type: SqlType): boolean {
  return TEXT_TYPES.has(type.name) ? collationOf(type).isCaseSensitive : type.name === 'xml';
}
