import { randomBytes } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { ProtocolError } from './protocol-error.ts';

/** Options of a PRELOGIN message: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/60f56408-0188-4cd5-8b90-25c6f2423868 */
const OPTION = {
  version: 0x00,
  encryption: 0x01,
  instance: 0x02,
  threadId: 0x03,
  mars: 0x04,
  traceId: 0x05,
  federatedAuthentication: 0x06,
  nonce: 0x07,
  terminator: 0xff,
} as const;

export const ENCRYPTION = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;

/** What the server wants: nothing encrypted, the login at least, or everything. */
export type ServerEncryption = 'none' | 'offered' | 'required';

export interface PreloginRequest {
  /** One of ENCRYPTION; absent in a TDS 8 connection, where it says nothing. */
  encryption: number;
  instance: string;
  asksForMars: boolean;
  /** Null when the client does not know the option. */
  federatedAuthentication: number | null;
  nonce: Buffer | null;
}

export function readPrelogin(payload: Buffer): PreloginRequest {
  const request: PreloginRequest = {
    encryption: ENCRYPTION.notSupported,
    instance: '',
    asksForMars: false,
    federatedAuthentication: null,
    nonce: null,
  };
  const reader = new ByteReader(payload);
  for (let token = reader.u8(), count = 0; token !== OPTION.terminator; token = reader.u8(), count += 1) {
    if (count > 32) throw new ProtocolError('a PRELOGIN message with too many options');
    const place = reader.take(4);
    const data = reader.at(place.readUInt16BE(0), place.readUInt16BE(2));
    readOption(token, data, request);
  }
  return request;
}

function readOption(token: number, data: Buffer, request: PreloginRequest): void {
  switch (token) {
    case OPTION.encryption:
      // The high bit asks for a client certificate, which this server does not know.
      request.encryption = first(data) & 0x7f;
      if (request.encryption > ENCRYPTION.required)
        throw new ProtocolError('a PRELOGIN message with unknown encryption');
      break;
    case OPTION.instance:
      request.instance = data.toString('latin1').replace(/\0.*$/s, '');
      break;
    case OPTION.mars:
      request.asksForMars = first(data) === 1;
      break;
    case OPTION.federatedAuthentication:
      request.federatedAuthentication = first(data);
      break;
    case OPTION.nonce:
      if (data.length !== 32) throw new ProtocolError('a PRELOGIN nonce that is not 32 bytes long');
      request.nonce = Buffer.from(data);
      break;
    default:
      // The version, the thread and the trace are for logs; unknown options are passed over, as section 2.2.6.5 wants it.
      break;
  }
}

function first(data: Buffer): number {
  const value = data[0];
  if (value === undefined) throw new ProtocolError('a PRELOGIN option without a value');
  return value;
}

export interface PreloginAnswer {
  /** One of ENCRYPTION. */
  encryption: number;
  version: ServerVersion;
  isFederatedAuthenticationRequired: boolean;
  request: PreloginRequest;
  /** 0 for the instance that was meant, 1 for another one. */
  instanceValidity: number;
}

export interface ServerVersion {
  major: number;
  minor: number;
  build: number;
}

export function writePrelogin(answer: PreloginAnswer): Buffer {
  const { request, version } = answer;
  const options: [number, Buffer][] = [
    [OPTION.version, versionBytes(version)],
    [OPTION.encryption, Buffer.from([answer.encryption])],
    [OPTION.instance, Buffer.from([answer.instanceValidity])],
    [OPTION.threadId, Buffer.alloc(0)],
    [OPTION.mars, Buffer.from([0])],
  ];
  // Only to clients that know it: section 2.2.6.5, FEDAUTHREQUIRED.
  if (request.federatedAuthentication !== null)
    options.push([
      OPTION.federatedAuthentication,
      Buffer.from([request.federatedAuthentication === 1 && answer.isFederatedAuthenticationRequired ? 1 : 0]),
    ]);
  if (request.nonce !== null) options.push([OPTION.nonce, randomBytes(32)]);
  const writer = new ByteWriter();
  let offset = options.length * 5 + 1;
  for (const [token, data] of options) {
    writer.u8(token);
    writer.u16be(offset);
    writer.u16be(data.length);
    offset += data.length;
  }
  writer.u8(OPTION.terminator);
  for (const [, data] of options) writer.raw(data);
  return Buffer.from(writer.bytes.subarray(0, writer.position));
}

function versionBytes(version: ServerVersion): Buffer {
  const bytes = Buffer.alloc(6);
  bytes[0] = version.major;
  bytes[1] = version.minor;
  bytes.writeUInt16BE(version.build, 2);
  return bytes;
}

/** The table "encryption negotiation" of section 2.2.6.5. */
export function negotiateEncryption(client: number, server: ServerEncryption): number {
  if (server === 'none') return ENCRYPTION.notSupported;
  if (client === ENCRYPTION.on || client === ENCRYPTION.required) return ENCRYPTION.on;
  if (server === 'required') return ENCRYPTION.required;
  return client === ENCRYPTION.off ? ENCRYPTION.off : ENCRYPTION.notSupported;
}
