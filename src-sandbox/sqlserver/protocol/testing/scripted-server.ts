import sql from 'mssql';
import { Connection, Request } from 'tedious';
import { startTdsServer, type TdsServer } from '../../server.ts';
import { PRACTICE_CERTIFICATE } from './practice-certificate.ts';
import { createScriptedEngine, type Script, type ScriptedEngine } from './scripted-engine.ts';

const { key, cert } = PRACTICE_CERTIFICATE;

/** A server in front of a script, and clients of it. */
export interface ScriptedServer {
  readonly server: TdsServer;
  readonly engine: ScriptedEngine;
  /** Of one connection, without encryption. */
  readonly pool: sql.ConnectionPool;
  /** Answers nothing until a test says otherwise. */
  script: Script;
  connect(options?: sql.config['options']): Promise<sql.ConnectionPool>;
  openConnection(): Promise<Connection>;
  close(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const scripted = { script: (() => [{ kind: 'done', rowCount: null }]) as Script };
  const engine = createScriptedEngine({ script: (call, signal) => scripted.script(call, signal) });
  const server = await startTdsServer({ engine, tls: { mode: 'offered', key, cert } });
  const connect = (options: sql.config['options'] = {}) => connectPool(server.port, options);
  const pool = await connect();
  return Object.assign(scripted, {
    server,
    engine,
    pool,
    connect,
    openConnection: () => openConnection(server.port),
    close: async () => {
      await pool.close();
      await server.close();
    },
  });
}

function connectPool(port: number, options: sql.config['options']): Promise<sql.ConnectionPool> {
  return new sql.ConnectionPool({
    server: 'localhost',
    port,
    user: 'sa',
    password: 'Practice1',
    database: 'shop',
    pool: { max: 1 },
    options: { encrypt: false, ...options },
  }).connect();
}

function openConnection(port: number): Promise<Connection> {
  const connection = new Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: 'sa', password: 'Practice1' } },
    options: { port, encrypt: false, database: 'shop', requestTimeout: 60_000 },
  });
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

/** The error that a batch ended with. */
export function runBatch(connection: Connection, text: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    connection.execSqlBatch(new Request(text, (error) => resolve(error ?? undefined)));
  });
}
