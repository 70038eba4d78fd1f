import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import type { RedshiftStandIn, RedshiftUser } from './redshift/server.ts';
import { tpchRedshiftDdl } from './seed/tpch-ddl.ts';
import { TPCH_TABLES, tpchCopyChunks } from './seed/tpch.ts';
import type { TpchTable } from './seed/tpch.ts';

const SCHEMA = 'tpch';

/** The eight TPC-H tables in the schema `tpch`: made over the endpoint as Redshift's DDL, filled straight through the PostgreSQL behind it, for speed. */
export async function seedTpch(options: {
  redshift: RedshiftStandIn;
  admin: RedshiftUser;
  scale: number;
  log: (line: string) => void;
  signal?: AbortSignal;
}): Promise<void> {
  const { redshift, admin, scale, log, signal } = options;
  await createTables(redshift, admin);
  const direct = await redshift.connectDirectly();
  try {
    for (const table of TPCH_TABLES) {
      signal?.throwIfAborted();
      const tag = await direct.copyIn(`COPY ${SCHEMA}.${table} FROM STDIN`, chunksOf(table, scale, signal));
      log(`Seeded ${SCHEMA}.${table}: ${tag.replace(/^COPY /, '')} rows.`);
    }
    await direct.query(`ANALYZE`);
  } finally {
    direct.close();
  }
}

async function createTables(redshift: RedshiftStandIn, admin: RedshiftUser): Promise<void> {
  const client = new pg.Client({
    host: redshift.host,
    port: redshift.port,
    database: redshift.database,
    user: admin.name,
    password: admin.password,
  });
  // A stop while it is at work ends the connection; the statement under way rejects by itself.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`CREATE SCHEMA ${SCHEMA}`);
    for (const ddl of Object.values(tpchRedshiftDdl(SCHEMA))) await client.query(ddl);
  } finally {
    await client.end();
  }
}

/** Making rows is pure computation: now and then the other stand-ins of this process get their turn. */
async function* chunksOf(table: TpchTable, scale: number, signal: AbortSignal | undefined): AsyncGenerator<string> {
  let count = 0;
  for (const chunk of tpchCopyChunks(table, scale)) {
    if (++count % 16 === 0) await setImmediate();
    signal?.throwIfAborted();
    yield chunk;
  }
}
