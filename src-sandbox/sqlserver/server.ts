import net from 'node:net';
import tls from 'node:tls';
import type { Engine } from './engine-contract.ts';
import { DEFAULT_COLLATION, findCollation } from './protocol/collations.ts';
import { TdsConnection } from './protocol/connection.ts';
import type { TdsFaultHook } from './protocol/fault.ts';
import type { DomainUser } from './protocol/ntlm.ts';
import type { ServerVersion } from './protocol/prelogin.ts';
import { ResultCache } from './protocol/result-cache.ts';
import type { FederatedSettings, ServerSettings, TlsMode } from './protocol/server-settings.ts';

export interface TdsServerOptions {
  /** Is not closed with the server. */
  readonly engine: Engine;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** PEM of the server's certificate and key, which all modes but `none` need. `offered` lets the client decide, as a new SQL Server does. */
  readonly tls:
    | { readonly mode: 'none' }
    | { readonly mode: Exclude<TlsMode, 'none'>; readonly key: string | Buffer; readonly cert: string | Buffer };
  /** Called for every request before it is run; what it returns is done to it. */
  readonly onMessage?: TdsFaultHook;
  /** Keeps the encoded answers of plain SELECT batches, which are then served without asking the engine again: only for data that does not change. Off by default. */
  readonly resultCache?: { readonly maxBytes: number };
  readonly log?: (text: string) => void;
  /** As messages carry it; `SNOWFERRY-PRACTICE` by default, which is the name that the engine goes by. */
  readonly serverName?: string;
  readonly instanceName?: string;
  /** 16.0.4135 (SQL Server 2022) by default, as the engine's @@VERSION says. */
  readonly version?: ServerVersion;
  /** Collation of the server. */
  readonly collation?: string;
  /** Whom NTLM lets in. The engine is asked for the login `DOMAIN\user` with the same password. */
  readonly domainUsers?: readonly DomainUser[];
  /** Login with a token of Microsoft Entra ID; refused without. */
  readonly federated?: FederatedSettings;
  /** Of one request. 256 MiB by default: 65,536 times the default packet, as in SQL Server. */
  readonly maxMessageBytes?: number;
  /** Until a client must be logged in; 60 s by default. */
  readonly loginTimeoutMs?: number;
}

export interface TdsServer {
  readonly host: string;
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Ends all connections; their sessions are closed when it resolves. */
  close(): Promise<void>;
}

/** A SQL Server endpoint that speaks TDS 7.3 B, 7.4 and 8.0 in front of an engine. FIDELITY.md says what it follows and what it refuses. */
export async function startTdsServer(options: TdsServerOptions): Promise<TdsServer> {
  const host = options.host ?? '127.0.0.1';
  const settings = buildSettings(options);
  const connections = new Set<TdsConnection>();
  let count = 0;
  const server = net.createServer((socket) => {
    count += 1;
    const connection = new TdsConnection(socket, { settings, number: count });
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  });
  await listen(server, host, options.port ?? 0);
  const address = server.address();
  return {
    host,
    port: address !== null && typeof address === 'object' ? address.port : 0,
    get connections() {
      return connections.size;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const ended = [...connections].map((connection) => connection.closed);
      for (const connection of connections) connection.close();
      await Promise.all([closed, ...ended]);
    },
  };
}

function buildSettings(options: TdsServerOptions): ServerSettings {
  let number = 0;
  const collation = options.collation ?? DEFAULT_COLLATION;
  // A name that is not known is better noticed before the first login.
  findCollation(collation);
  return {
    engine: options.engine,
    serverName: options.serverName ?? 'SNOWFERRY-PRACTICE',
    instanceName: options.instanceName ?? 'MSSQLSERVER',
    version: options.version ?? { major: 16, minor: 0, build: 4135 },
    collation,
    language: 'us_english',
    maxMessageBytes: options.maxMessageBytes ?? 65_536 * 4096,
    tlsMode: options.tls.mode,
    tls: options.tls.mode === 'none' ? null : secureContexts(options.tls),
    domainUsers: options.domainUsers ?? [],
    federated: options.federated ?? null,
    resultCache: options.resultCache === undefined ? null : new ResultCache(options.resultCache.maxBytes),
    loginTimeoutMs: options.loginTimeoutMs ?? 60_000,
    onMessage: options.onMessage ?? null,
    nextNumber: () => (number += 1),
    log: options.log ?? (() => undefined),
  };
}

function secureContexts(files: { key: string | Buffer; cert: string | Buffer }): NonNullable<ServerSettings['tls']> {
  const { key, cert } = files;
  return {
    // TLS 1.3 belongs to TDS 8 alone.
    wrapped: tls.createSecureContext({ key, cert, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }),
    direct: tls.createSecureContext({ key, cert, minVersion: 'TLSv1.2' }),
  };
}

function listen(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}
