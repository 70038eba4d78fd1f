import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import sql from 'mssql';
import { Connection, type ConnectionConfiguration } from 'tedious';
import { afterEach, describe, expect, it } from 'vitest';
import { startTdsServer, type TdsServer, type TdsServerOptions } from '../server.ts';
import { frameMessage } from './packets.ts';
import { PRACTICE_CERTIFICATE } from './testing/practice-certificate.ts';
import { batchMessage, connectRaw, login7Message, preloginMessage, type RawClient } from './testing/raw-client.ts';
import { createScriptedEngine, statementOf, type ScriptedEngine } from './testing/scripted-engine.ts';

const { key, cert, ca } = PRACTICE_CERTIFICATE;
let server: TdsServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function createEngine(): ScriptedEngine {
  return createScriptedEngine({
    users: { sa: 'Practice1', 'SHOP\\ada': 'Wind0ws!', 'token-user': 'unused' },
    *script(call) {
      if (!statementOf(call).startsWith('select')) {
        yield { kind: 'done', rowCount: null };
        return;
      }
      const column = {
        name: 'n',
        type: { name: 'int' },
        nullable: false,
        isIdentity: false,
        isComputed: false,
      } as const;
      yield { kind: 'columns', columns: [column] };
      yield { kind: 'rows', rows: [[1], [2]] };
      yield { kind: 'done', rowCount: 2 };
    },
  });
}

async function start(options: Partial<TdsServerOptions> & { engine: ScriptedEngine }): Promise<TdsServer> {
  server = await startTdsServer({ tls: { mode: 'offered', key, cert }, ...options });
  return server;
}

function configOf(port: number, options: sql.config['options'] = {}): sql.config {
  return {
    server: 'localhost',
    port,
    user: 'sa',
    password: 'Practice1',
    database: 'shop',
    options: { encrypt: false, trustServerCertificate: false, ...options },
  };
}

async function selectRows(config: sql.config): Promise<unknown> {
  const pool = await new sql.ConnectionPool(config).connect();
  try {
    return (await pool.request().query<{ n: number }>('select n')).recordset.map((row) => row.n);
  } finally {
    await pool.close();
  }
}

describe('a login with mssql', () => {
  it('lets the right password in and tells the engine of everything in LOGIN7', async () => {
    const engine = createEngine();
    const { port } = await start({ engine });
    const config = configOf(port, { appName: 'Snowferry ü', readOnlyIntent: true });
    expect(await selectRows(config)).toEqual([1, 2]);
    const login = engine.calls.find((call) => call.kind === 'login');
    expect(login?.request).toMatchObject({
      user: 'sa',
      password: 'Practice1',
      database: 'shop',
      applicationName: 'Snowferry ü',
      readOnlyIntent: true,
    });
  });

  it.each([
    ['without encryption', { encrypt: false }, {}],
    ['with everything encrypted', { encrypt: true, cryptoCredentialsDetails: { ca } }, {}],
    [
      'with everything encrypted and the certificate trusted blindly',
      { encrypt: true, trustServerCertificate: true },
      {},
    ],
    [
      'with a server that requires encryption',
      { encrypt: true, cryptoCredentialsDetails: { ca } },
      { mode: 'required' },
    ],
    ['with packets of 512 bytes', { encrypt: true, cryptoCredentialsDetails: { ca }, packetSize: 512 }, {}],
    ['with packets of 32767 bytes', { encrypt: true, cryptoCredentialsDetails: { ca }, packetSize: 32_767 }, {}],
  ] as const)('works %s', async (_name, options, tls) => {
    const { port } = await start({ engine: createEngine(), tls: { mode: 'offered', key, cert, ...tls } });
    expect(await selectRows(configOf(port, { ...options }))).toEqual([1, 2]);
  });
});

function logIn(
  port: number,
  config: Partial<ConnectionConfiguration>,
): Promise<{ error: Error | undefined; numbers: number[]; protocol: unknown }> {
  const options = { port, encrypt: false, ...config.options };
  const connection = new Connection({ server: 'localhost', ...config, options });
  const numbers: number[] = [];
  connection.on('errorMessage', (message: { number: number }) => numbers.push(message.number));
  return new Promise((resolve) => {
    connection.connect((error) => {
      connection.close();
      const { tdsVersion } = (connection as unknown as { config: { options: { tdsVersion: string } } }).config.options;
      resolve({ error, numbers, protocol: tdsVersion });
    });
  });
}

function password(userName: string, secret: string): ConnectionConfiguration['authentication'] {
  return { type: 'default', options: { userName, password: secret } };
}

describe('a login with tedious', () => {
  it('refuses a wrong password with 18456', async () => {
    const { port } = await start({ engine: createEngine() });
    const { error, numbers } = await logIn(port, { authentication: password('sa', 'wrong') });
    expect(error).toMatchObject({ code: 'ELOGIN', message: "Login failed for user 'sa'." });
    expect(numbers).toEqual([18_456]);
  });

  it('refuses a database that does not exist with 4060 and 18456', async () => {
    const { port } = await start({ engine: createEngine() });
    const { numbers } = await logIn(port, {
      authentication: password('sa', 'Practice1'),
      options: { database: 'none' },
    });
    expect(numbers).toEqual([4060, 18_456]);
  });

  it.each([
    ['offered', '7_4'],
    ['required', '8_0'],
    ['strict', '7_4'],
    ['strict', '8_0'],
  ] as const)('takes TLS first where encryption is %s, with a login of TDS %s', async (mode, tdsVersion) => {
    const { port } = await start({ engine: createEngine(), tls: { mode, key, cert } });
    const { error, protocol } = await logIn(port, {
      authentication: password('sa', 'Practice1'),
      options: { encrypt: 'strict', tdsVersion, cryptoCredentialsDetails: { ca } },
    });
    expect(error).toBeUndefined();
    expect(protocol).toBe(tdsVersion);
  });

  it('has no TDS 8 without encryption, and nothing else where it is strict', async () => {
    const strict = {
      authentication: password('sa', 'Practice1'),
      options: { encrypt: 'strict' as const, cryptoCredentialsDetails: { ca } },
    };
    const { port } = await start({ engine: createEngine(), tls: { mode: 'none' } });
    expect((await logIn(port, strict)).error).toBeDefined();
    await server?.close();
    const { port: strictPort } = await start({ engine: createEngine(), tls: { mode: 'strict', key, cert } });
    const plain = {
      authentication: password('sa', 'Practice1'),
      options: { encrypt: true, cryptoCredentialsDetails: { ca } },
    };
    expect((await logIn(strictPort, plain)).error).toMatchObject({ code: 'ESOCKET' });
  });

  it('shows a certificate that a client without its authority does not trust', async () => {
    const { port } = await start({ engine: createEngine() });
    const { error } = await logIn(port, {
      authentication: password('sa', 'Practice1'),
      options: { encrypt: true, trustServerCertificate: false },
    });
    expect(error).toMatchObject({
      code: 'ESOCKET',
      message: expect.stringContaining('unable to verify the first certificate'),
    });
  });

  it('tells a client without encryption that it is required', async () => {
    const { port } = await start({ engine: createEngine(), tls: { mode: 'required', key, cert } });
    const { error } = await logIn(port, { authentication: password('sa', 'Practice1'), options: { encrypt: false } });
    expect(error).toMatchObject({ code: 'EENCRYPT' });
  });

  it('lets a user of the domain in by NTLM, and no one else', async () => {
    const engine = createEngine();
    const { port } = await start({ engine, domainUsers: [{ domain: 'SHOP', user: 'ada', password: 'Wind0ws!' }] });
    const ntlm = (userName: string, secret: string): Partial<ConnectionConfiguration> => ({
      authentication: { type: 'ntlm', options: { domain: 'shop', userName, password: secret } },
    });
    expect((await logIn(port, ntlm('ada', 'Wind0ws!'))).error).toBeUndefined();
    expect(engine.calls.find((call) => call.kind === 'login')?.request).toMatchObject({ user: 'SHOP\\ada' });
    expect((await logIn(port, ntlm('ada', 'wrong'))).numbers).toEqual([18_452]);
    expect((await logIn(port, ntlm('eve', 'Wind0ws!'))).numbers).toEqual([18_452]);
  });

  describe('by a token', () => {
    const federated = {
      stsUrl: 'https://login.example/tenant',
      spn: 'https://database.example/',
      checkToken: async (token: string) => (token === 'good' ? { user: 'token-user', password: 'unused' } : null),
    };
    const encrypted = { encrypt: true, cryptoCredentialsDetails: { ca } };
    const byToken = (token: string): Partial<ConnectionConfiguration> => ({
      authentication: { type: 'azure-active-directory-access-token', options: { token } },
      options: encrypted,
    });

    it('lets the right one in that comes with LOGIN7', async () => {
      const { port } = await start({ engine: createEngine(), federated });
      expect((await logIn(port, byToken('good'))).error).toBeUndefined();
      expect((await logIn(port, byToken('bad'))).numbers).toEqual([18_456]);
    });

    it('tells a client where to get one', async () => {
      const { port } = await start({ engine: createEngine(), federated });
      const scopes: string[] = [];
      const credential = {
        getToken: async (scope: string | string[]) => {
          scopes.push(...[scope].flat());
          return { token: 'good', expiresOnTimestamp: 0 };
        },
      };
      const authentication = { type: 'token-credential', options: { credential } } as const;
      expect((await logIn(port, { authentication, options: encrypted })).error).toBeUndefined();
      expect(scopes).toEqual(['https://database.example/.default']);
    });

    it('is refused where the server knows none', async () => {
      const { port } = await start({ engine: createEngine() });
      expect((await logIn(port, byToken('good'))).numbers).toEqual([18_456]);
    });
  });
});

describe('a login byte by byte', () => {
  it('is encrypted alone when the client asks for no more', async () => {
    const { port } = await start({ engine: createEngine() });
    const client = await connectRaw(port);
    const answer = await client.ask(0x12, preloginMessage(0));
    expect(encryptionOf(answer)).toBe(0);
    await logInEncrypted(client);
    const loggedIn = await client.next();
    expect(loggedIn?.includes(Buffer.from('Changed database context', 'utf16le'))).toBe(true);
    const rows = await client.ask(0x01, batchMessage('select n'));
    expect(rows?.[0]).toBe(0x81);
    client.close();
  });

  it.each([
    ['none', 0, 2],
    ['none', 1, 2],
    ['none', 2, 2],
    ['offered', 0, 0],
    ['offered', 1, 1],
    ['offered', 2, 2],
    ['required', 0, 3],
    ['required', 1, 1],
    ['required', 2, 3],
  ] as const)(
    'negotiates as the table of MS-TDS 2.2.6.5 says: server %s, client %i',
    async (mode, client, expected) => {
      const tls = mode === 'none' ? ({ mode } as const) : { mode, key, cert };
      const { port } = await start({ engine: createEngine(), tls });
      const raw = await connectRaw(port);
      expect(encryptionOf(await raw.ask(0x12, preloginMessage(client)))).toBe(expected);
      raw.close();
    },
  );

  it.each([
    [0, '4096'],
    [100, '512'],
    [512, '512'],
    [65_536, '32767'],
  ])('agrees on packets when a client asks for %i bytes', async (packetBytes, expected) => {
    const { port } = await start({ engine: createEngine() });
    const client = await connectRaw(port);
    await client.ask(0x12, preloginMessage(2));
    const answer = await client.ask(0x10, login7Message({ packetBytes }));
    const change = Buffer.concat([Buffer.from([4, expected.length]), Buffer.from(expected, 'utf16le')]);
    expect(answer?.includes(change)).toBe(true);
    client.close();
  });

  it.each([
    ['a version of TDS before 7.3 B', { tdsVersion: 0x72090002 }, 'TDS'],
    ['a new password', { newPassword: 'Other1' }, 'password'],
    ['a file to attach', { attachDatabaseFile: 'x.mdf' }, 'attach'],
  ])('is refused with %s', async (_name, login, text) => {
    const { port } = await start({ engine: createEngine() });
    const client = await connectRaw(port);
    await client.ask(0x12, preloginMessage(2));
    const answer = await client.ask(0x10, login7Message(login));
    expect(answer?.[0]).toBe(0xaa);
    expect(answer?.includes(Buffer.from(text, 'utf16le'))).toBe(true);
    await client.closed;
  });

  it.each<[string, number, Buffer]>([
    ['a batch', 0x01, batchMessage('select')],
    ['LOGIN7 without PRELOGIN', 0x10, login7Message({})],
    ['an empty PRELOGIN', 0x12, Buffer.alloc(0)],
  ])('ends at once when it begins with %s', async (_name, type, payload) => {
    const { port } = await start({ engine: createEngine() });
    const client = await connectRaw(port);
    expect(await client.ask(type, payload)).toBeNull();
  });

  it('must be over after a while', async () => {
    const { port } = await start({ engine: createEngine(), loginTimeoutMs: 50 });
    const client = await connectRaw(port);
    await client.closed;
  });
});

function encryptionOf(prelogin: Buffer | null): number | undefined {
  if (prelogin === null) return undefined;
  for (let at = 0; prelogin[at] !== 0xff; at += 5)
    if (prelogin[at] === 1) return prelogin[prelogin.readUInt16BE(at + 1)];
  return undefined;
}

/** TLS through PRELOGIN packets by the runtime's own client, then LOGIN7 inside of it, as bytes on the bare socket. */
async function logInEncrypted(client: RawClient): Promise<void> {
  let isHandshaking = true;
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      if (isHandshaking) client.send(0x12, chunk);
      else client.socket.write(chunk);
      done();
    },
  });
  const secure = connectTls({ socket: wire, ca, servername: 'localhost', maxVersion: 'TLSv1.2' });
  const secured = new Promise<void>((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
  void secured.then(() => (isHandshaking = false));
  while (isHandshaking) {
    const flight = await Promise.race([client.next(), secured.then(() => null)]);
    if (flight === null) break;
    wire.push(flight);
  }
  secure.write(frameMessage(login7Message({}), { type: 0x10, packetBytes: 4096, spid: 0 }));
}
