import sql from 'mssql';
import { Connection, type ConnectionConfiguration } from 'tedious';
import { afterEach, describe, expect, it } from 'vitest';
import { startTdsServer, type TdsServer, type TdsServerOptions } from '../server.ts';
import { PRACTICE_CERTIFICATE } from './testing/practice-certificate.ts';
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
): Promise<{ error: Error | undefined; numbers: number[] }> {
  const options = { port, encrypt: false, ...config.options };
  const connection = new Connection({ server: 'localhost', ...config, options });
  const numbers: number[] = [];
  connection.on('errorMessage', (message: { number: number }) => numbers.push(message.number));
  return new Promise((resolve) => {
    connection.connect((error) => {
      connection.close();
      resolve({ error, numbers });
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
});
