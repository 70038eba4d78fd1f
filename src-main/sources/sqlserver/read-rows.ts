import { Request, type Connection } from 'tedious';
import { AppError } from '#shared/errors/app-error';
import type { Secrets, SqlServerSettings } from '#shared/model/connection-settings';
import type { CellCodec, RowReader, WireBatch } from '../../extract/column-batch.ts';
import { abortable, throwIfAborted, toAbortError } from '../../lib/abort.ts';
import type { Cancellable, ReadIsolation, ReadRequest } from '../source.ts';
import { openConnection } from './connect.ts';
import { ServerError, toStatementError } from './errors.ts';
import { codecFor } from './tds/codec-for.ts';
import { openTextAnswer } from './tds/text-answer.ts';
import { openWireAnswer, type WireAnswer } from './tds/wire-answer.ts';
import { describeWireType, type WireColumn } from './tds/wire-column.ts';

export interface SqlServerReaderOptions {
  settings: SqlServerSettings;
  secrets: Secrets;
  request: ReadRequest;
  /** False reads through the driver's public interface alone, as happens by itself when the driver is not the one whose inside is known. */
  allowTakeOver?: boolean;
}

const CONNECT_TIMEOUT_MS = 30_000;
/** Longer than a user's own transactions hold their locks; then the partition fails and is tried again later. */
const LOCK_TIMEOUT_MS = 300_000;

/**
 * Logs in on a connection of its own, sends the SELECT and waits for its columns; the rows wait until they are read. Rejects with an AppError, or with an
 * AbortError after the statement was cancelled at the server. SNAPSHOT falls back to READ COMMITTED where the database does not allow it.
 */
export async function openSqlServerReader(
  { settings, secrets, request, allowTakeOver = true }: SqlServerReaderOptions,
  { signal }: Cancellable,
): Promise<RowReader> {
  const table = `${request.table.schema}.${request.table.name}`;
  const toError = (error: unknown): Error => toStatementError(error, { settings, table, statement: request.statement });
  const { connection } = await openConnection({ settings, secrets, signal, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  connection.on('error', () => undefined);
  try {
    const answer = await openAnswer(connection, request, { signal, allowTakeOver });
    const codecs = chooseCodecs(answer.columns, request);
    return {
      codecs,
      async read(onBatch, options) {
        let handlerError: unknown = null;
        const noted = (error: unknown): never => {
          handlerError = error;
          throw error;
        };
        try {
          return await answer.readRows((batch) => handOver(onBatch, { batch, noted }), options);
        } catch (error) {
          // What the handler of rows threw passes through as it is.
          throw error === handlerError ? error : toError(error);
        }
      },
      close: () => close(connection),
    };
  } catch (error) {
    await close(connection);
    if (signal.aborted) throw toAbortError(signal);
    throw toError(error);
  }
}

async function openAnswer(
  connection: Connection,
  request: ReadRequest,
  { signal, allowTakeOver }: { signal: AbortSignal; allowTakeOver: boolean },
): Promise<WireAnswer> {
  const open = async (isolation: IsolationLevel): Promise<WireAnswer> => {
    await runSettings(connection, sessionSettings(isolation), signal);
    const answer = allowTakeOver ? await openWireAnswer(connection, request.statement, { signal }) : null;
    return answer ?? openTextAnswer(connection, request);
  };
  if (request.isolation !== 'snapshot-if-allowed') return open(LEVELS[request.isolation]);
  if (!(await isSnapshotAllowed(connection, signal))) return open('READ COMMITTED');
  try {
    return await open('SNAPSHOT');
  } catch (error) {
    if (error instanceof ServerError && SNAPSHOT_REFUSALS.has(error.number)) return open('READ COMMITTED');
    throw error;
  }
}

type IsolationLevel = 'SNAPSHOT' | 'READ COMMITTED' | 'READ UNCOMMITTED';

const LEVELS: Record<Exclude<ReadIsolation, 'snapshot-if-allowed'>, IsolationLevel> = {
  'read-committed': 'READ COMMITTED',
  'read-uncommitted': 'READ UNCOMMITTED',
};

/**
 * Not allowed in this database (3952), not fully turned on yet (3956), or memory-optimized tables, which keep versions of their own (41332):
 * https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors-3000-to-3999
 */
const SNAPSHOT_REFUSALS = new Set([3952, 3956, 41332]);

/** The counts of DONE are wanted, so NOCOUNT must be off, whatever the server's `user options` say. */
function sessionSettings(isolation: IsolationLevel): string {
  return [
    'SET NOCOUNT OFF',
    'SET ROWCOUNT 0',
    'SET TEXTSIZE 2147483647',
    `SET LOCK_TIMEOUT ${LOCK_TIMEOUT_MS}`,
    `SET TRANSACTION ISOLATION LEVEL ${isolation}`,
  ].join('; ');
}

/** False too when the server does not say. */
async function isSnapshotAllowed(connection: Connection, signal: AbortSignal): Promise<boolean> {
  try {
    const rows = await runSettings(
      connection,
      'SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()',
      signal,
    );
    return Number(rows[0]) === 1;
  } catch (error) {
    if (error instanceof ServerError) return false;
    throw error;
  }
}

/** Answers the first value of every row. */
async function runSettings(connection: Connection, sql: string, signal: AbortSignal): Promise<unknown[]> {
  throwIfAborted(signal);
  const values: unknown[] = [];
  const serverErrors: ServerError[] = [];
  const onError = (token: unknown): void => void serverErrors.push(new ServerError(token as ServerError));
  connection.on('errorMessage', onError);
  try {
    await abortable(
      new Promise<void>((resolve, reject) => {
        const request = new Request(sql, (error) => (error ? reject(serverErrors[0] ?? error) : resolve()));
        request.on('row', (row: { value: unknown }[]) => values.push(row[0]?.value));
        connection.execSqlBatch(request);
      }),
      signal,
    );
  } finally {
    connection.off('errorMessage', onError);
  }
  return values;
}

function chooseCodecs(columns: WireColumn[], request: ReadRequest): CellCodec[] {
  const table = `${request.table.schema}.${request.table.name}`;
  if (columns.length !== request.columns.length) {
    const detail = `${request.columns.length} columns were asked for and ${columns.length} came`;
    throw new AppError('SOURCE_COLUMN_CHANGED', { facts: { table, detail } });
  }
  return request.columns.map(({ alias, sourceName, nativeType, carrier }, index) => {
    const column = columns[index]!;
    const codec = column.name === alias ? codecFor(column, carrier) : null;
    if (codec) return codec;
    const detail = `${sourceName} was ${nativeType} and comes as ${describeWireType(column)}`;
    throw new AppError('SOURCE_COLUMN_CHANGED', { facts: { table, detail } });
  });
}

function handOver(
  onBatch: (batch: WireBatch) => Promise<void> | undefined,
  { batch, noted }: { batch: WireBatch; noted(error: unknown): never },
): Promise<void> | undefined {
  try {
    return onBatch(batch)?.catch(noted);
  } catch (error) {
    return noted(error);
  }
}

function close(connection: Connection): Promise<void> {
  connection.close();
  return Promise.resolve();
}
