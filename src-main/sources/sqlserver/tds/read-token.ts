import { createByteCursor, NEED_MORE, type ByteCursor } from './byte-cursor.ts';
import { readColMetadata } from './col-metadata.ts';
import { WireError, type WireColumn } from './wire-column.ts';

/** A token that is no row: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/67b6113c-d722-42d1-902c-3f6e8de09173 */
export type Token =
  | { kind: 'columns'; columns: WireColumn[] }
  | { kind: 'done'; scope: 'batch' | 'procedure' | 'in-procedure'; done: DoneStatus }
  | { kind: 'message'; isError: boolean; message: ServerMessage }
  | { kind: 'environment'; change: EnvironmentChange }
  | { kind: 'return-status'; value: number }
  /** Nothing that a reader needs. */
  | { kind: 'passed-over' };

/** `rowCount` is null when the server does not count it. */
export interface DoneStatus {
  more: boolean;
  sqlError: boolean;
  attention: boolean;
  serverError: boolean;
  rowCount: number | null;
  curCmd: number;
}

export interface ServerMessage {
  number: number;
  state: number;
  class: number;
  message: string;
  serverName: string;
  procName: string;
  lineNumber: number;
}

/** What a connection has to know: the size of its packets, and the descriptor of the transaction that later requests belong to. */
export type EnvironmentChange =
  | { kind: 'database' | 'language' | 'charset'; value: string }
  | { kind: 'packet-size'; value: number }
  | { kind: 'transaction-began'; descriptor: Uint8Array }
  | { kind: 'transaction-committed' | 'transaction-rolled-back' | 'connection-reset' | 'other' };

/** The token at `from` and where it ends; null when it is not there as a whole. Throws WireError for what cannot follow a SELECT. */
export function readToken(
  bytes: Uint8Array,
  range: { from: number; to: number },
): { token: Token; next: number } | null {
  const cursor = createByteCursor(bytes, range.from + 1, range.to);
  try {
    const token = readBody(bytes[range.from]!, cursor);
    return { token, next: cursor.position };
  } catch (error) {
    if (error === NEED_MORE) return null;
    throw error;
  }
}

function readBody(type: number, cursor: ByteCursor): Token {
  switch (type) {
    case 0x81:
      return { kind: 'columns', columns: readColMetadata(cursor) };
    case 0xfd:
      return { kind: 'done', scope: 'batch', done: readDone(cursor) };
    case 0xfe:
      return { kind: 'done', scope: 'procedure', done: readDone(cursor) };
    case 0xff:
      return { kind: 'done', scope: 'in-procedure', done: readDone(cursor) };
    case 0xaa:
      return { kind: 'message', isError: true, message: readMessage(cursor) };
    case 0xab:
      return { kind: 'message', isError: false, message: readMessage(cursor) };
    case 0xe3:
      return { kind: 'environment', change: readEnvironmentChange(cursor) };
    case 0x79:
      return { kind: 'return-status', value: cursor.i32() };
    // ORDER, TABNAME, COLINFO
    case 0xa9:
    case 0xa4:
    case 0xa5:
      cursor.skip(cursor.u16());
      return { kind: 'passed-over' };
    // SESSIONSTATE
    case 0xe4:
      cursor.skip(cursor.u32());
      return { kind: 'passed-over' };
    default:
      throw new WireError(
        `the token 0x${type.toString(16).padStart(2, '0')} does not belong into the answer of a SELECT`,
      );
  }
}

/** MS-TDS 2.2.7.6 */
function readDone(cursor: ByteCursor): DoneStatus {
  const status = cursor.u16();
  const curCmd = cursor.u16();
  const rowCount = cursor.u64();
  return {
    more: (status & 0x1) !== 0,
    sqlError: (status & 0x2) !== 0,
    attention: (status & 0x20) !== 0,
    serverError: (status & 0x100) !== 0,
    rowCount: (status & 0x10) === 0 ? null : rowCount,
    curCmd,
  };
}

/** ERROR and INFO, MS-TDS 2.2.7.10 and 2.2.7.13 */
function readMessage(cursor: ByteCursor): ServerMessage {
  cursor.skip(2);
  return {
    number: cursor.i32(),
    state: cursor.u8(),
    class: cursor.u8(),
    message: cursor.shortText(),
    serverName: cursor.byteText(),
    procName: cursor.byteText(),
    lineNumber: cursor.u32(),
  };
}

/** MS-TDS 2.2.7.9 */
function readEnvironmentChange(cursor: ByteCursor): EnvironmentChange {
  const length = cursor.u16();
  const end = cursor.position + length;
  // All of it must be there before a part of it is believed.
  cursor.skip(length);
  cursor.position = end - length;
  const change = readChange(cursor);
  cursor.position = end;
  return change;
}

const TEXT_CHANGES: Readonly<Record<number, 'database' | 'language' | 'charset'>> = {
  1: 'database',
  2: 'language',
  3: 'charset',
};

function readChange(cursor: ByteCursor): EnvironmentChange {
  const type = cursor.u8();
  const textKind = TEXT_CHANGES[type];
  if (textKind) return { kind: textKind, value: cursor.byteText() };
  switch (type) {
    case 4:
      return { kind: 'packet-size', value: Number(cursor.byteText()) };
    case 8:
      return { kind: 'transaction-began', descriptor: cursor.take(cursor.u8()) };
    case 9:
      return { kind: 'transaction-committed' };
    case 10:
    case 17:
      return { kind: 'transaction-rolled-back' };
    case 18:
      return { kind: 'connection-reset' };
    default:
      return { kind: 'other' };
  }
}
