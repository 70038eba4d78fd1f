import type { RedshiftSettings, Secrets } from '#shared/model/connection-settings';
import { tableLabel } from '#shared/model/table';
import type { RowReader } from '../../extract/column-batch.ts';
import type { ReadRequest } from '../source.ts';
import { connect, type Session } from './connect.ts';
import { toStatementError } from './errors.ts';
import { createLoginProvider, type LoginProvider } from './login.ts';
import { createLendingSocket } from './lending-socket.ts';
import { codecsFor } from './read-codecs.ts';
import { createRowPortal } from './read-portal.ts';
import { needsCaseSensitivity } from './sessions.ts';

const CONNECT_TIMEOUT_MS = 20_000;

/** Temporary credentials of the AWS API last for many partitions. */
const logins = new WeakMap<RedshiftSettings, LoginProvider>();

/**
 * Opens a connection of its own and reads the SELECT of one partition. One statement sees one state of the database whatever the isolation level is called,
 * so `request.isolation` changes nothing: https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
 */
export async function openRedshiftReader(
  source: { settings: RedshiftSettings; secrets: Secrets; request: ReadRequest },
  { signal }: { signal: AbortSignal },
): Promise<RowReader> {
  const { settings, secrets, request } = source;
  const codecs = codecsFor(request);
  const login = logins.get(settings) ?? createLoginProvider(settings, secrets);
  logins.set(settings, login);
  const session = await connect({
    settings,
    login,
    signal,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ...(settings.tls.mode === 'disable' && { createSocket: createLendingSocket }),
  });
  const fail = (error: unknown): Error =>
    toStatementError(error, {
      settings,
      user: session.user,
      table: tableLabel(request.table),
      statement: request.statement,
    });
  try {
    await allowUpperCase(session, request, signal);
  } catch (error) {
    await session.close();
    throw fail(error);
  }
  return {
    codecs,
    async read(onBatch, options) {
      try {
        return await readAll(session, { request, columnCount: codecs.length, onBatch, signal: options.signal });
      } catch (error) {
        throw fail(error);
      }
    },
    close: () => session.close(),
  };
}

async function readAll(
  session: Session,
  options: {
    request: ReadRequest;
    columnCount: number;
    onBatch: Parameters<RowReader['read']>[0];
    signal: AbortSignal;
  },
): Promise<{ serverRows: number }> {
  const { request, columnCount, onBatch } = options;
  const own = new AbortController();
  const signal = AbortSignal.any([options.signal, own.signal]);
  let failure: Error | null = null;
  const portal = createRowPortal({
    statement: request.statement,
    columnCount,
    onBatch,
    onFailure(error) {
      failure = error;
      own.abort();
    },
  });
  const discard = (): void => portal.discard();
  signal.addEventListener('abort', discard, { once: true });
  try {
    const { rows, serverRows } = await session.useClient((client) => {
      client.query(portal);
      return portal.done;
    }, signal);
    return { serverRows: serverRows ?? rows };
  } catch (error) {
    throw failure ?? error;
  } finally {
    signal.removeEventListener('abort', discard);
  }
}

/** See Sessions.use: Redshift folds even quoted names to lower case unless the session says otherwise; this session reads one table only. */
async function allowUpperCase(session: Session, request: ReadRequest, signal: AbortSignal): Promise<void> {
  const { schema, name } = request.table;
  const names = [schema, name, ...request.columns.map(({ sourceName }) => sourceName)];
  if (!session.server.isRedshift || !needsCaseSensitivity(names)) return;
  await session.query('SET enable_case_sensitive_identifier TO true', signal).catch((error: unknown) => {
    if (!session.isOpen() || signal.aborted) throw error;
  });
}
