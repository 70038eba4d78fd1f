import { ByteReader } from './byte-reader.ts';
import { ProtocolError } from './protocol-error.ts';

/** MS-TDS 2.2.6.4: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/773a62b6-ee89-4c02-9e5e-344882630aac */
export interface Login7 {
  /** As MS-TDS writes it: 0x74000004 for 7.4, 0x08000000 for 8.0. */
  tdsVersion: number;
  /** What the client asks for; 0 leaves it to the server. */
  packetBytes: number;
  hostName: string;
  userName: string;
  password: string;
  applicationName: string;
  serverName: string;
  libraryName: string;
  language: string;
  database: string;
  attachDatabaseFile: string;
  /** Empty when no change of the password is asked for. */
  newPassword: string;
  /** fIntSecurity: the credentials are in `sspi`. */
  isIntegrated: boolean;
  isReadOnlyIntent: boolean;
  /** fDatabase: a database that cannot be opened ends the login. */
  isDatabaseFatal: boolean;
  sspi: Buffer;
  federated: FederatedLogin | null;
  asksForUtf8: boolean;
}

export type FederatedLogin =
  | { library: 'security-token'; echo: boolean; token: string; nonce: Buffer | null }
  | { library: 'adal'; echo: boolean; workflow: number }
  | { library: 'unknown'; id: number };

/** "The maximum length of a LOGIN7 message is 128K-1 bytes": section 2.2.6.4 */
export const MAX_LOGIN7_BYTES = 128 * 1024 - 1;

const FEATURE = { federatedAuthentication: 0x02, utf8Support: 0x0a, terminator: 0xff } as const;
const FEDERATED_LIBRARY = { securityToken: 0x01, adal: 0x02 } as const;

export function readLogin7(payload: Buffer): Login7 {
  const reader = new ByteReader(payload);
  const length = reader.u32();
  if (length !== payload.length) throw new ProtocolError('a LOGIN7 message whose length is not its own');
  const tdsVersion = reader.u32();
  const packetBytes = reader.u32();
  // Version and process of the client, and the connection that it had before.
  reader.skip(12);
  reader.skip(1);
  const flags2 = reader.u8();
  const typeFlags = reader.u8();
  const flags3 = reader.u8();
  const isDatabaseFatal = (payload[24]! & 0x40) !== 0;
  // Time zone and locale.
  reader.skip(8);
  const text = () => readText(reader);
  const hostName = text();
  const userName = text();
  const password = readScrambled(reader);
  const applicationName = text();
  const serverName = text();
  const extension = readPlace(reader);
  const libraryName = text();
  const language = text();
  const database = text();
  reader.skip(6);
  const sspiPlace = readPlace(reader);
  const attachDatabaseFile = text();
  const newPassword = readScrambled(reader);
  const longSspiBytes = reader.u32();
  const sspiBytes = sspiPlace.length === 0xffff && longSspiBytes > 0 ? longSspiBytes : sspiPlace.length;
  const features = (flags3 & 0x10) === 0 ? NO_FEATURES : readFeatures(reader, extension);
  return {
    tdsVersion,
    packetBytes,
    hostName,
    userName,
    password,
    applicationName,
    serverName,
    libraryName,
    language,
    database,
    attachDatabaseFile,
    newPassword,
    isIntegrated: (flags2 & 0x80) !== 0,
    isReadOnlyIntent: (typeFlags & 0x20) !== 0,
    isDatabaseFatal,
    sspi: sspiBytes === 0 ? Buffer.alloc(0) : Buffer.from(reader.at(sspiPlace.offset, sspiBytes)),
    ...features,
  };
}

function readPlace(reader: ByteReader): { offset: number; length: number } {
  return { offset: reader.u16(), length: reader.u16() };
}

function readText(reader: ByteReader): string {
  const { offset, length } = readPlace(reader);
  // Some clients leave the offset of an empty field 0 or behind the end.
  return length === 0 ? '' : reader.at(offset, length * 2).toString('utf16le');
}

/** "swap the four high bits with the four low bits and then do a bit-XOR with 0xA5": undone here. */
function readScrambled(reader: ByteReader): string {
  const { offset, length } = readPlace(reader);
  if (length === 0) return '';
  const plain = Buffer.from(reader.at(offset, length * 2));
  for (const [index, byte] of plain.entries()) {
    const mixed = byte ^ 0xa5;
    plain[index] = ((mixed << 4) | (mixed >> 4)) & 0xff;
  }
  return plain.toString('utf16le');
}

type Features = Pick<Login7, 'federated' | 'asksForUtf8'>;

const NO_FEATURES: Features = { federated: null, asksForUtf8: false };

/** FeatureExt: the extension points to four bytes that point to a list of features. */
function readFeatures(reader: ByteReader, extension: { offset: number; length: number }): Features {
  // tedious announces features in TDS 8 and sends none.
  if (extension.length === 0) return NO_FEATURES;
  if (extension.length < 4) throw new ProtocolError('a LOGIN7 message that lacks the features it announces');
  const list = new ByteReader(reader.bytes, reader.at(extension.offset, 4).readUInt32LE(0));
  if (list.remaining < 1) throw new ProtocolError('a LOGIN7 message whose features lie behind its end');
  let federated: FederatedLogin | null = null;
  let asksForUtf8 = false;
  for (let id = list.u8(); id !== FEATURE.terminator; id = list.u8()) {
    const data = list.take(list.u32());
    if (id === FEATURE.federatedAuthentication) federated = readFederated(data);
    // Bit 0: section 2.2.6.4, UTF8_SUPPORT.
    if (id === FEATURE.utf8Support) asksForUtf8 = ((data[0] ?? 0) & 0x01) !== 0;
  }
  return { federated, asksForUtf8 };
}

function readFederated(data: Buffer): FederatedLogin {
  const reader = new ByteReader(data);
  const options = reader.u8();
  const echo = (options & 0x01) !== 0;
  const library = options >> 1;
  if (library === FEDERATED_LIBRARY.adal) return { library: 'adal', echo, workflow: reader.u8() };
  if (library !== FEDERATED_LIBRARY.securityToken) return { library: 'unknown', id: library };
  const token = reader.take(reader.u32()).toString('utf16le');
  return {
    library: 'security-token',
    echo,
    token,
    nonce: reader.remaining >= 32 ? Buffer.from(reader.take(32)) : null,
  };
}
