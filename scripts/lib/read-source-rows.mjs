import { readFileSync } from 'node:fs';
import mssql from 'mssql';
import pg from 'pg';

/**
 * Every row of a table as text (null for NULL), columns in their order. Nothing is kept in memory.
 * @param {{ kind: 'redshift' | 'sqlserver', server: any, table: { schema: string, name: string }, onRow: (row: (string | null)[]) => void }} options
 */
export function readSourceRows({ kind, server, table, onRow }) {
  return kind === 'redshift' ? readRedshift({ server, table, onRow }) : readSqlServer({ server, table, onRow });
}

async function readRedshift({ server, table, onRow }) {
  const { host, port, database, user, password, caFile } = server;
  const ssl = caFile ? { ca: readFileSync(caFile, 'utf8') } : false;
  const client = new pg.Client({ host, port, database, user, password, ssl });
  await client.connect();
  try {
    const name = [table.schema, table.name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
    const query = new pg.Query({
      text: `SELECT * FROM ${name}`,
      rowMode: 'array',
      types: { getTypeParser: () => (text) => text },
    });
    await new Promise((resolve, reject) => {
      query.on('row', onRow).on('error', reject).on('end', resolve);
      client.query(query);
    });
  } finally {
    await client.end();
  }
}

/** The driver would make doubles of decimals and Dates of dates: the server writes them as text instead. */
async function readSqlServer({ server, table, onRow }) {
  const { host, port, database, user, password, caFile } = server;
  const pool = await mssql.connect({
    server: host,
    port,
    database,
    user,
    password,
    requestTimeout: 0,
    options: {
      encrypt: true,
      trustServerCertificate: !caFile,
      cryptoCredentialsDetails: caFile ? { ca: readFileSync(caFile, 'utf8') } : {},
    },
  });
  try {
    const { recordset } = await pool
      .request()
      .input('schema', table.schema)
      .input('name', table.name)
      .query(
        'SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = @schema AND TABLE_NAME = @name ORDER BY ORDINAL_POSITION',
      );
    const columns = recordset.map((column) => asText(bracket(column.COLUMN_NAME), column.DATA_TYPE)).join(', ');
    const request = pool.request();
    request.stream = true;
    request.arrayRowMode = true;
    await new Promise((resolve, reject) => {
      request.on('row', onRow).on('error', reject).on('done', resolve);
      request.query(`SELECT ${columns} FROM ${bracket(table.schema)}.${bracket(table.name)}`);
    });
  } finally {
    await pool.close();
  }
}

function asText(name, type) {
  if (/char|text/.test(type)) return name;
  return type === 'date' ? `CONVERT(varchar(10), ${name}, 23)` : `CAST(${name} AS varchar(60))`;
}

function bracket(name) {
  return `[${name.replaceAll(']', ']]')}]`;
}
