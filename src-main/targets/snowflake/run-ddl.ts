import { AppError } from '#shared/errors/app-error';
import type { SessionPool } from './session-pool.ts';

/**
 * Runs one DDL statement. CREATE SCHEMA IF NOT EXISTS asks for the right to create schemas even when the schema is there: then its refusal does not matter.
 */
export async function runDdl(pool: SessionPool, sql: string, signal: AbortSignal): Promise<void> {
  try {
    await pool.run({ sql, signal });
  } catch (error) {
    const schema = /^CREATE SCHEMA IF NOT EXISTS (.+)$/s.exec(sql)?.[1];
    if (!schema || !(error instanceof AppError) || error.code !== 'PRIVILEGE_MISSING') throw error;
    if (!(await isUsable(pool, schema, signal))) throw error;
  }
}

async function isUsable(pool: SessionPool, schema: string, signal: AbortSignal): Promise<boolean> {
  try {
    await pool.run({ sql: `SHOW TABLES IN SCHEMA ${schema} LIMIT 1`, signal });
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}
