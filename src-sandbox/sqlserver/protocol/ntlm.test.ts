import { describe, expect, it } from 'vitest';
import { md4 } from './md4.ts';
import { buildChallenge, checkNegotiate, verifyAuthenticate } from './ntlm.ts';

describe('MD4', () => {
  // RFC 1320, A.5
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      'e33b4ddc9c38f2199c3e7b164fcc0536',
    ],
  ])('of %j is what RFC 1320 says', (text, digest) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
  });
});

/** The example of MS-NLMP 4.2.4: NTLMv2 of User, Domain and Password. */
const NONCE = Buffer.from('0123456789abcdef', 'hex');
const PROOF = '68cd0ab851e51c96aabc927bebef6a1c';
const TEMP =
  '01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000' +
  '02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000';

function authenticate(input: { proof?: string; user?: string; domain?: string }): Buffer {
  const fixed = Buffer.alloc(64);
  fixed.write('NTLMSSP\0', 'latin1');
  fixed.writeUInt32LE(3, 8);
  const parts: Buffer[] = [];
  let offset = 64;
  const put = (at: number, value: Buffer) => {
    fixed.writeUInt16LE(value.length, at);
    fixed.writeUInt16LE(value.length, at + 2);
    fixed.writeUInt32LE(offset, at + 4);
    offset += value.length;
    parts.push(value);
  };
  put(12, Buffer.alloc(24));
  put(20, Buffer.from((input.proof ?? PROOF) + TEMP, 'hex'));
  put(28, Buffer.from(input.domain ?? 'Domain', 'utf16le'));
  put(36, Buffer.from(input.user ?? 'User', 'utf16le'));
  return Buffer.concat([fixed, ...parts]);
}

describe('NTLMv2', () => {
  const users = [{ domain: 'Domain', user: 'User', password: 'Password' }];
  const options = { nonce: NONCE, users };

  it('knows the user of the example of MS-NLMP 4.2.4', () => {
    expect(verifyAuthenticate(authenticate({}), options)).toBe(users[0]);
  });

  it.each([
    ['another proof', authenticate({ proof: PROOF.replace('6', '7') }), options],
    ['a user that is not known', authenticate({ user: 'Eve' }), options],
    ['another domain', authenticate({ domain: 'Other' }), options],
    ['another challenge', authenticate({}), { nonce: Buffer.alloc(8), users }],
    ['another password', authenticate({}), { nonce: NONCE, users: [{ ...users[0]!, password: 'password' }] }],
  ])('refuses %s', (_name, message, given) => {
    expect(verifyAuthenticate(message, given)).toBeNull();
  });

  it('sends a challenge with a target and the server in its list', () => {
    const { message, nonce } = buildChallenge({ domain: 'shop', computer: 'db1' });
    expect(message.toString('latin1', 0, 8)).toBe('NTLMSSP\0');
    expect(message.readUInt32LE(8)).toBe(2);
    expect(message.subarray(24, 32)).toEqual(nonce);
    expect(message.toString('utf16le', 56, 56 + message.readUInt16LE(12))).toBe('SHOP');
  });

  it('takes nothing else for a message of its own', () => {
    expect(() => checkNegotiate(Buffer.from('no message of NTLM'))).toThrow('no NTLM message');
    expect(() => checkNegotiate(authenticate({}))).toThrow('first one');
    expect(() => verifyAuthenticate(Buffer.alloc(4), options)).toThrow('middle of a field');
  });
});
