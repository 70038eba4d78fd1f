import { classifyQuery } from '../redshift/classify-statement.ts';
import type { RedshiftStandIn } from '../redshift/server.ts';
import { loadTypes } from './types.ts';

/** Fills the schema `types` of the Redshift stand-in, straight through the PostgreSQL behind it. */
export async function seedTypes(redshift: RedshiftStandIn, database?: string): Promise<void> {
  const connection = await redshift.connectDirectly(database);
  try {
    await connection.query('SET standard_conforming_strings = on');
    await loadTypes({
      runDdl: async (sql) => {
        for (const statement of classifyQuery(sql, {
          isCaseSensitive: true,
          lastQueryId: 0,
          lastUnloadCount: 0,
          lastUnloadId: 0,
        })) {
          if (statement.kind !== 'run') throw new Error(`The seed's DDL is refused: ${JSON.stringify(statement)}`);
          await connection.query(statement.sql);
        }
      },
      run: async (sql) => void (await connection.query(sql)),
      copy: async (table, text) => void (await connection.copyIn(`COPY ${table} FROM STDIN`, [text])),
    });
  } finally {
    connection.close();
  }
}
