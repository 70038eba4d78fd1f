import type { SqlMessage } from '../engine-contract.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { ServerVersion } from './prelogin.ts';

/** Tokens of an answer: MS-TDS 2.2.7 */
export const TOKEN = {
  returnStatus: 0x79,
  columnMetadata: 0x81,
  error: 0xaa,
  info: 0xab,
  returnValue: 0xac,
  loginAck: 0xad,
  featureExtAck: 0xae,
  row: 0xd1,
  nbcRow: 0xd2,
  envChange: 0xe3,
  sspi: 0xed,
  fedAuthInfo: 0xee,
  done: 0xfd,
  doneProc: 0xfe,
  doneInProc: 0xff,
} as const;

/** Status of DONE, DONEINPROC and DONEPROC: MS-TDS 2.2.7.6 */
export const DONE = {
  final: 0x00,
  more: 0x01,
  error: 0x02,
  inTransaction: 0x04,
  count: 0x10,
  attention: 0x20,
} as const;

export interface DoneToken {
  token: typeof TOKEN.done | typeof TOKEN.doneProc | typeof TOKEN.doneInProc;
  status: number;
  /** CurCmd; 0 where it is not known. */
  command: number;
  /** Null: the count is not valid. */
  rowCount: number | null;
}

export function writeDone(writer: ByteWriter, done: DoneToken): void {
  writer.u8(done.token);
  writer.u16(done.rowCount === null ? done.status : done.status | DONE.count);
  writer.u16(done.command);
  writer.u64(BigInt(done.rowCount ?? 0));
}

/** More does not fit a token, and the server's own messages have at most 2,047 characters. */
const MAX_MESSAGE_CHARACTERS = 8000;

/** ERROR above severity 10, INFO up to it: sections 2.2.7.10 and 2.2.7.13. */
export function writeMessage(writer: ByteWriter, message: SqlMessage, serverName: string): void {
  writer.u8(message.class > 10 ? TOKEN.error : TOKEN.info);
  writer.withShortLength(() => {
    writer.i32(message.number);
    writer.u8(message.state);
    // "Converts severity 10 to severity 0 before returning": https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-error-severities
    writer.u8(message.class === 10 ? 0 : message.class);
    writer.shortText(message.message.slice(0, MAX_MESSAGE_CHARACTERS));
    writer.byteText(serverName);
    writer.byteText(message.procedure);
    writer.u32(message.line);
  });
}

/** MS-TDS 2.2.7.9: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/2b3eb7e5-d43d-4d1b-bf4d-76b9e3afc791 */
export type EnvironmentChange =
  | { kind: 'database' | 'language' | 'packet-size'; value: string; old: string }
  | { kind: 'collation'; value: Uint8Array }
  | { kind: 'transaction-began' | 'transaction-committed' | 'transaction-rolled-back'; id: bigint }
  | { kind: 'connection-reset' };

const CHANGE_TYPE = {
  database: 1,
  language: 2,
  'packet-size': 4,
  collation: 7,
  'transaction-began': 8,
  'transaction-committed': 9,
  'transaction-rolled-back': 10,
  'connection-reset': 18,
} as const satisfies Record<EnvironmentChange['kind'], number>;

export function writeEnvironmentChange(writer: ByteWriter, change: EnvironmentChange): void {
  writer.u8(TOKEN.envChange);
  writer.withShortLength(() => {
    writer.u8(CHANGE_TYPE[change.kind]);
    switch (change.kind) {
      case 'database':
      case 'language':
      case 'packet-size':
        writer.byteText(change.value);
        writer.byteText(change.old);
        break;
      case 'collation':
        writer.byteBytes(change.value);
        writer.u8(0);
        break;
      case 'transaction-began':
        writer.byteBytes(descriptorBytes(change.id));
        writer.u8(0);
        break;
      case 'transaction-committed':
      case 'transaction-rolled-back':
        writer.u8(0);
        writer.byteBytes(descriptorBytes(change.id));
        break;
      case 'connection-reset':
        writer.u16(0);
        break;
    }
  });
}

function descriptorBytes(id: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, id));
  return bytes;
}

/** MS-TDS 2.2.7.14, LOGINACK */
export function writeLoginAck(writer: ByteWriter, ack: { tdsVersion: number; version: ServerVersion }): void {
  writer.u8(TOKEN.loginAck);
  writer.withShortLength(() => {
    // SQL_TSQL
    writer.u8(1);
    writer.u32be(ack.tdsVersion);
    writer.byteText('Microsoft SQL Server');
    writer.u8(ack.version.major);
    writer.u8(ack.version.minor);
    writer.u16be(ack.version.build);
  });
}

/** MS-TDS 2.2.7.11, FEATUREEXTACK */
export function writeFeatureExtAck(writer: ByteWriter, features: { id: number; data: Uint8Array }[]): void {
  if (features.length === 0) return;
  writer.u8(TOKEN.featureExtAck);
  for (const { id, data } of features) {
    writer.u8(id);
    writer.u32(data.length);
    writer.raw(data);
  }
  writer.u8(0xff);
}

/** SSPI, section 2.2.7.22 */
export function writeSspi(writer: ByteWriter, data: Uint8Array): void {
  writer.u8(TOKEN.sspi);
  writer.withShortLength(() => writer.raw(data));
}

/** Where a client gets its token: MS-TDS 2.2.7.12, FEDAUTHINFO */
export function writeFedAuthInfo(writer: ByteWriter, info: { stsUrl: string; spn: string }): void {
  const values: [number, Buffer][] = [
    [0x01, Buffer.from(info.stsUrl, 'utf16le')],
    [0x02, Buffer.from(info.spn, 'utf16le')],
  ];
  writer.u8(TOKEN.fedAuthInfo);
  writer.withLongLength(() => {
    writer.u32(values.length);
    let offset = 4 + values.length * 9;
    for (const [id, data] of values) {
      writer.u8(id);
      writer.u32(data.length);
      writer.u32(offset);
      offset += data.length;
    }
    for (const [, data] of values) writer.raw(data);
  });
}
