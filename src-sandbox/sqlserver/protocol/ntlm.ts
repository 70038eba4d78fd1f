import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import { md4 } from './md4.ts';
import { ProtocolError } from './protocol-error.ts';

/** NTLM: MS-NLMP 3.3.2 */

export interface DomainUser {
  domain: string;
  user: string;
  password: string;
}

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
/** Unicode, target name, NTLM, always sign, target is a domain, extended security, target info, version, 128, 56. */
const CHALLENGE_FLAGS = 0xa2898205;
const VERSION = Buffer.from([10, 0, 0x7c, 0x4f, 0, 0, 0, 15]);

/** Whether this is a NEGOTIATE_MESSAGE; ProtocolError for what is no NTLM. */
export function checkNegotiate(message: Buffer): void {
  if (readType(message) !== 1) throw new ProtocolError('an NTLM message where the first one is due');
}

function readType(message: Buffer): number {
  const reader = new ByteReader(message);
  if (!reader.take(8).equals(SIGNATURE)) throw new ProtocolError('an SSPI token that is no NTLM message');
  return reader.u32();
}

export interface Challenge {
  nonce: Buffer;
  /** CHALLENGE_MESSAGE */
  message: Buffer;
}

export function buildChallenge(names: { domain: string; computer: string }): Challenge {
  const nonce = randomBytes(8);
  const target = Buffer.from(names.domain.toUpperCase(), 'utf16le');
  const info = Buffer.concat([
    infoPair(2, target),
    infoPair(1, Buffer.from(names.computer.toUpperCase(), 'utf16le')),
    infoPair(4, Buffer.from(names.domain.toLowerCase(), 'utf16le')),
    infoPair(3, Buffer.from(names.computer.toLowerCase(), 'utf16le')),
    infoPair(7, fileTime()),
    infoPair(0, Buffer.alloc(0)),
  ]);
  const fixed = Buffer.alloc(56);
  SIGNATURE.copy(fixed);
  fixed.writeUInt32LE(2, 8);
  writePlace(fixed, 12, { length: target.length, offset: 56 });
  fixed.writeUInt32LE(CHALLENGE_FLAGS, 20);
  nonce.copy(fixed, 24);
  writePlace(fixed, 40, { length: info.length, offset: 56 + target.length });
  VERSION.copy(fixed, 48);
  return { nonce, message: Buffer.concat([fixed, target, info]) };
}

function infoPair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function writePlace(bytes: Buffer, at: number, place: { length: number; offset: number }): void {
  bytes.writeUInt16LE(place.length, at);
  bytes.writeUInt16LE(place.length, at + 2);
  bytes.writeUInt32LE(place.offset, at + 4);
}

function fileTime(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}

const PROOF_BYTES = 16;

/** The user that an AUTHENTICATE_MESSAGE proves to be, by NTLMv2; null for everyone else. */
export function verifyAuthenticate(
  message: Buffer,
  options: { nonce: Buffer; users: readonly DomainUser[] },
): DomainUser | null {
  if (readType(message) !== 3) throw new ProtocolError('an NTLM message where the third one is due');
  const reader = new ByteReader(message, 20);
  const responsePlace = readPlace(reader);
  const domain = text(reader, readPlace(reader));
  const name = text(reader, readPlace(reader));
  const proof = reader.at(responsePlace.offset, Math.min(responsePlace.length, PROOF_BYTES));
  if (proof.length < PROOF_BYTES) return null;
  const user = options.users.find((known) => isSame(known.user, name) && isSame(known.domain, domain));
  if (user === undefined) return null;
  const temp = reader.bytes.subarray(responsePlace.offset + PROOF_BYTES, endOfResponse(responsePlace, message));
  return isProof({ user, name, domain, proof, signed: Buffer.concat([options.nonce, temp]) }) ? user : null;
}

/** Some clients give the proof's length only, although the rest of the response follows to the end of the message. */
function endOfResponse(place: { offset: number; length: number }, message: Buffer): number {
  return place.length > PROOF_BYTES ? Math.min(place.offset + place.length, message.length) : message.length;
}

function isProof(input: { user: DomainUser; name: string; domain: string; proof: Buffer; signed: Buffer }): boolean {
  const key = md4(Buffer.from(input.user.password, 'utf16le'));
  // NTOWFv2 takes the domain as it was sent; some clients put it in upper case first.
  return [input.domain, input.domain.toUpperCase()].some((domain) => {
    const owner = hmac(key, Buffer.from(input.name.toUpperCase() + domain, 'utf16le'));
    return timingSafeEqual(hmac(owner, input.signed), input.proof);
  });
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest();
}

function isSame(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}

function readPlace(reader: ByteReader): { length: number; offset: number } {
  const length = reader.u16();
  reader.skip(2);
  return { length, offset: reader.u32() };
}

function text(reader: ByteReader, place: { length: number; offset: number }): string {
  return reader.at(place.offset, place.length).toString('utf16le');
}
