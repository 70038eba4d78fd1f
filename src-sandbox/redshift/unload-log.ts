import { literal } from './authenticate.ts';
import { BackendConnection } from './backend-connection.ts';
import type { PostgresProcess } from './postgres-process.ts';
import type { UnloadOutcome } from './run-unload.ts';
import type { Session } from './session.ts';
import type { UnloadStatement } from './unload-statement.ts';

export interface UnloadLogEntry {
  readonly statement: UnloadStatement;
  readonly session: Session;
  readonly queryId: number;
  readonly processId: number;
  readonly startedAt: Date;
  readonly outcome?: UnloadOutcome;
  readonly failure?: string;
}

/** Keeps what STL_UNLOAD_LOG and SYS_UNLOAD_HISTORY show, on a connection of its own: a rollback does not take it back. */
export async function logUnload(postgres: PostgresProcess, entry: UnloadLogEntry): Promise<void> {
  const { statement, session, queryId, processId, outcome } = entry;
  const connection = await BackendConnection.connect({
    address: postgres.address,
    user: postgres.superuser,
    database: session.database,
  });
  try {
    const userId = `(SELECT oid::integer FROM pg_roles WHERE rolname = ${literal(session.user)})`;
    const start = literal(toTimestamp(entry.startedAt));
    const end = literal(toTimestamp(new Date()));
    const files = outcome?.files ?? [];
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const location = `s3://${statement.bucket}/${statement.prefix}`;
    const status = outcome !== undefined ? 'completed' : entry.failure?.includes('cancelled') ? 'aborted' : 'failed';
    await connection.query(`INSERT INTO pg_catalog.redshift_unload VALUES (${userId}, ${queryId}, ${processId}, ${queryId}, ${literal(session.database)},
      '${status}', ${start}, ${end}, ${Date.now() - entry.startedAt.getTime()} * 1000, '${statement.format}', '${statement.compression}',
      ${literal(location)}, ${outcome?.rows ?? 0}, ${files.length}, ${bytes}, ${literal(entry.failure ?? '')})`);
    for (const file of files) {
      await connection.query(`INSERT INTO pg_catalog.redshift_unload_file VALUES (${userId}, ${queryId}, ${processId}, ${file.slice}, ${literal(file.url)},
        ${start}, ${end}, ${file.rows}, ${file.bytes}, '${statement.format}')`);
    }
  } finally {
    connection.close();
  }
}

const toTimestamp = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '');
