import type { IsolationLevel, Parameter } from '../engine-contract.ts';
import { ByteReader } from './byte-reader.ts';
import { readTypeInfo, RefusedRequest } from './decode-values.ts';
import { ProtocolError } from './protocol-error.ts';

/** ALL_HEADERS: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/e17e54ae-0fac-48b7-b8a8-c267be297923. The transaction that a request belongs to, or null. */
function readHeaders(reader: ByteReader): bigint | null {
  const start = reader.position;
  const total = reader.u32();
  if (total < 4 || total > reader.end - start) throw new ProtocolError('headers that are longer than their message');
  const headers = new ByteReader(reader.bytes, reader.position, start + total);
  let descriptor: bigint | null = null;
  while (headers.remaining > 0) {
    const length = headers.u32();
    const type = headers.u16();
    if (length < 6) throw new ProtocolError('a header that is too short');
    const data = new ByteReader(headers.take(length - 6));
    if (type === TRANSACTION_HEADER) {
      descriptor = data.u64();
      data.u32();
    }
  }
  reader.position = start + total;
  return descriptor;
}

const TRANSACTION_HEADER = 2;

export interface BatchRequest {
  descriptor: bigint | null;
  sql: string;
}

/** MS-TDS 2.2.6.7, SQLBatch */
export function readBatch(payload: Buffer): BatchRequest {
  const reader = new ByteReader(payload);
  const descriptor = readHeaders(reader);
  if (reader.remaining % 2 !== 0) throw new ProtocolError('a batch with an odd number of bytes');
  return { descriptor, sql: reader.text(reader.remaining / 2) };
}

export interface ProcedureCall {
  procedure: string;
  parameters: Parameter[];
  /** fNoMetaData: the client knows the columns and does not want them again. */
  isWithoutMetadata: boolean;
}

export interface RpcRequest {
  descriptor: bigint | null;
  calls: ProcedureCall[];
}

/** Procedures by number, MS-TDS 2.2.6.6: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/619c43b6-9495-4a58-9e49-a4950db245b3 */
const PROCEDURE_IDS: Readonly<Record<number, string>> = {
  1: 'sp_cursor',
  2: 'sp_cursoropen',
  3: 'sp_cursorprepare',
  4: 'sp_cursorexecute',
  5: 'sp_cursorprepexec',
  6: 'sp_cursorunprepare',
  7: 'sp_cursorfetch',
  8: 'sp_cursoroption',
  9: 'sp_cursorclose',
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  13: 'sp_prepexec',
  14: 'sp_prepexecrpc',
  15: 'sp_unprepare',
};
/** Between two calls of one request; the second one asks not to run what follows. */
const SEPARATORS = { batch: 0xff, noExecution: 0xfe };

export function readRpc(payload: Buffer): RpcRequest {
  const reader = new ByteReader(payload);
  const descriptor = readHeaders(reader);
  const calls: ProcedureCall[] = [];
  do {
    calls.push(readCall(reader));
    if (reader.remaining === 0) break;
    if (reader.u8() === SEPARATORS.noExecution) throw refuse('The NoExec flag is not supported by this server.');
  } while (reader.remaining > 0);
  return { descriptor, calls };
}

function readCall(reader: ByteReader): ProcedureCall {
  const nameLength = reader.u16();
  const procedure = nameLength === 0xffff ? nameOfId(reader.u16()) : reader.text(nameLength);
  if (procedure === '') throw refuse('The name of the procedure is empty.');
  const flags = reader.u16();
  const parameters: Parameter[] = [];
  while (reader.remaining > 0 && reader.peek() !== SEPARATORS.batch && reader.peek() !== SEPARATORS.noExecution) {
    const parameter = readParameter(reader);
    if (parameter !== null) parameters.push(parameter);
  }
  return { procedure, parameters, isWithoutMetadata: (flags & 0x02) !== 0 };
}

function nameOfId(id: number): string {
  const name = PROCEDURE_IDS[id];
  if (name === undefined) throw refuse(`There is no procedure with the number ${id}.`);
  return name;
}

const PARAMETER_FLAG = { byReference: 0x01, isDefault: 0x02, encrypted: 0x08 };

/** Null for a parameter that stands at its default. */
function readParameter(reader: ByteReader): Parameter | null {
  const name = reader.byteText();
  const flags = reader.u8();
  if ((flags & PARAMETER_FLAG.encrypted) !== 0) throw refuse('Encrypted parameters are not supported by this server.');
  const { type, read } = readTypeInfo(reader);
  const value = read(reader);
  if ((flags & PARAMETER_FLAG.isDefault) === 0)
    return { name, type, value, isOutput: (flags & PARAMETER_FLAG.byReference) !== 0 };
  if (name === '') throw refuse('A parameter without a name cannot stand at its default.');
  return null;
}

function refuse(text: string): RefusedRequest {
  return new RefusedRequest({
    number: 8016,
    state: 1,
    text: `The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. ${text}`,
  });
}

export type TransactionRequest = { descriptor: bigint | null } & (
  | { kind: 'begin'; isolation: IsolationLevel | null; name: string }
  | { kind: 'commit'; then: BeginAfter | null }
  | { kind: 'rollback'; name: string; then: BeginAfter | null }
  | { kind: 'save'; name: string }
);

export type BeginAfter = { isolation: IsolationLevel | null; name: string };

const ISOLATION_LEVELS: readonly (IsolationLevel | null)[] = [
  null,
  'read-uncommitted',
  'read-committed',
  'repeatable-read',
  'serializable',
  'snapshot',
];

/** MS-TDS 2.2.6.9, without distributed transactions. */
export function readTransactionRequest(payload: Buffer): TransactionRequest {
  const reader = new ByteReader(payload);
  const descriptor = readHeaders(reader);
  const request = reader.u16();
  switch (request) {
    case 5:
      return { kind: 'begin', descriptor, ...readBegin(reader) };
    case 7:
      readName(reader);
      return { kind: 'commit', descriptor, then: readBeginAfter(reader) };
    case 8:
      return { kind: 'rollback', descriptor, name: readName(reader), then: readBeginAfter(reader) };
    case 9:
      return { kind: 'save', descriptor, name: readName(reader) };
    case 0:
    case 1:
    case 6:
      throw new RefusedRequest({ number: 8501, state: 1, text: 'MSDTC on this server is unavailable.' });
    default:
      throw new ProtocolError(`the unknown request ${request} of the transaction manager`);
  }
}

function readBegin(reader: ByteReader): BeginAfter {
  const level = reader.u8();
  const isolation = ISOLATION_LEVELS[level];
  if (isolation === undefined) throw new ProtocolError(`the unknown isolation level ${level}`);
  return { isolation, name: readName(reader) };
}

function readName(reader: ByteReader): string {
  const bytes = reader.take(reader.u8());
  if (bytes.length % 2 !== 0) throw new ProtocolError('the name of a transaction with an odd number of bytes');
  return bytes.toString('utf16le');
}

function readBeginAfter(reader: ByteReader): BeginAfter | null {
  return (reader.u8() & 0x01) === 0 ? null : readBegin(reader);
}
