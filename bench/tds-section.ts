import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fromRoot } from './root.ts';
import { LINEITEM } from './lineitem.ts';
import { runChild, type Measured } from './measure.ts';
import type { BenchOptions } from './postgres-section.ts';
import { printSection, say } from './print.ts';

/** The stand-in's engine makes each answer once, which takes a while. */
const MOST_ROWS = 1_000_000;
const DATABASE = 'bench';

interface Server {
  port: number;
  user: string;
  password: string;
  database: string;
  stop(): void;
}

export async function runTdsSection({ rows: wanted, rounds, workerUrl }: BenchOptions): Promise<void> {
  const rows = Math.min(wanted, MOST_ROWS);
  say(`Starting the TDS endpoint with ${rows.toLocaleString('en')} rows of lineitem.`);
  const server = await startServer(rows);
  const { stop, ...login } = server;
  try {
    const whole = lineitemRead(0, 1);
    const drain = (statement: string): Promise<Measured> => runChild('tds-drain', { ...login, statement, rows });
    say('Making the answers once.');
    const { outBytes } = await drain(whole.statement);
    const halves = [lineitemRead(0, 2), lineitemRead(1, 2)];
    for (const { statement } of halves) await drain(statement);
    const engine = (reads: unknown[]) => (): Promise<Measured> =>
      runChild('extract', { source: sourceOf(server), password: login.password, workerUrl, reads });
    await printSection(
      'TDS (SQL Server): lineitem',
      [
        { key: 'a', label: 'a client that only drains the socket', run: () => drain(whole.statement) },
        {
          key: 'b',
          label: 'mssql stream that writes nothing',
          run: () => runChild('mssql-stream', { ...login, statement: whole.statement }),
        },
        { key: 'd1', label: 'Snowferry, 1 lane, to closed files', run: engine([whole]) },
        { key: 'd2', label: 'Snowferry, 2 lanes, to closed files', run: engine(halves) },
      ],
      { rounds, baseRows: rows, baseBytes: outBytes, baseForm: 'on the wire' },
    );
  } finally {
    stop();
  }
}

async function startServer(rows: number): Promise<Server> {
  const user = 'bench';
  const password = `Bench-1-${randomBytes(12).toString('base64url')}`;
  const file = fromRoot('bench/tds-server.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { ...process.env, BENCH_ROWS: String(rows), BENCH_USER: user, BENCH_PASSWORD: password },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { port } = JSON.parse(await firstLine(child)) as { port: number };
  return { port, user, password, database: DATABASE, stop: () => void child.stdin.end() };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('\n')) resolve(output);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The TDS endpoint ended with exit code ${code ?? 'none'}.`)));
  });
}

function sourceOf({ port, user, database }: Server): unknown {
  return {
    kind: 'sqlserver',
    host: '127.0.0.1',
    instance: '',
    port,
    database,
    auth: { kind: 'sql-login', user },
    encrypt: false,
    trustServerCertificate: true,
    caFile: '',
    readOnlyIntent: false,
  };
}

function lineitemRead(lane: number, lanes: number): { statement: string } {
  const list = LINEITEM.map(({ name }, index) => `[${name}] AS c${index + 1}`).join(', ');
  const where = lanes === 1 ? '' : ` WHERE l_orderkey % ${lanes} = ${lane}`;
  const columns = LINEITEM.map(({ name, tdsType, carrier, kind, precision, scale, length }, index) => ({
    alias: `c${index + 1}`,
    sourceName: name,
    nativeType: tdsType,
    carrier,
    type: { kind, precision, scale, length, padded: false },
  }));
  const read = {
    statement: `SELECT ${list} FROM [dbo].[lineitem]${where}`,
    table: { database: DATABASE, schema: 'dbo', name: 'lineitem' },
    columns,
    isolation: 'read-committed',
  };
  return read;
}
