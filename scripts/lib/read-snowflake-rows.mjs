// Read when the driver is loaded: no look around for a cloud's metadata service, no native add-on, no telemetry.
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
process.env.SNOWFLAKE_DISABLE_MINICORE = '1';
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { default: snowflake } = await import('snowflake-sdk');

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false });

/**
 * Every row of a table as text (null for NULL), columns in their order. Nothing is kept in memory.
 * @param {{ server: any, table: { database: string, schema: string, name: string }, onRow: (row: (string | null)[]) => void }} options
 */
export async function readSnowflakeRows({ server, table, onRow }) {
  const name = [table.database, table.schema, table.name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
  await querySnowflake({ server, sql: `SELECT * FROM ${name}`, onRow: (row) => onRow(Object.values(row)) });
}

/**
 * @param {{ server: any, sql: string, onRow: (row: Record<string, string | null>) => void }} options
 */
export async function querySnowflake({ server, sql, onRow }) {
  const connection = snowflake.createConnection({
    accessUrl: server.accessUrl,
    account: server.account,
    username: server.user,
    password: server.password,
    role: server.role,
    warehouse: server.warehouse,
    fetchAsString: ['String', 'Boolean', 'Number', 'Date', 'Buffer', 'JSON'],
    representNullAsStringNull: false,
  });
  // connectAsync resolves on a wrong password too.
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  try {
    await new Promise((resolve, reject) => {
      connection.execute({
        sqlText: sql,
        streamResult: true,
        complete: (error, statement) => {
          if (error) return reject(error);
          statement.streamRows().on('data', onRow).on('error', reject).on('end', resolve);
        },
      });
    });
  } finally {
    await new Promise((resolve) => connection.destroy(resolve));
  }
}
