import type { Connection } from 'snowflake-sdk';

export type SnowflakeLogin = {
  accessUrl: string;
  account: string;
  username: string;
  password: string;
  role?: string;
  warehouse?: string;
};

export type SnowflakeRow = Record<string, unknown>;

/** Runs statements one after the other over the vendor's own driver and gives back the rows of each. Stops at the first that fails, and names it. */
export async function runSnowflakeSql(login: SnowflakeLogin, statements: readonly string[]): Promise<SnowflakeRow[][]> {
  const connection = await connect(login);
  try {
    const results: SnowflakeRow[][] = [];
    for (const statement of statements) results.push(await execute(connection, statement));
    return results;
  } finally {
    await new Promise<void>((resolve) => connection.destroy(() => resolve()));
  }
}

async function connect(login: SnowflakeLogin): Promise<Connection> {
  // Read when the driver is loaded: no look around for a cloud's metadata service, no native add-on, no telemetry.
  process.env['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] = 'true';
  process.env['SNOWFLAKE_DISABLE_MINICORE'] = '1';
  process.env['SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'] = '1';
  const { default: snowflake } = await import('snowflake-sdk');
  snowflake.configure({ logLevel: 'OFF', useEnvProxy: false });
  const connection = snowflake.createConnection({ ...login, sfRetryMaxLoginRetries: 1, clientConfigFile: '' });
  // connectAsync resolves on a wrong password too.
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return connection;
}

function execute(connection: Connection, sqlText: string): Promise<SnowflakeRow[]> {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      complete: (error, _statement, rows) => {
        if (error) reject(new Error(`Snowflake refused "${firstLine(sqlText)}": ${error.message}`, { cause: error }));
        else resolve((rows ?? []) as SnowflakeRow[]);
      },
    });
  });
}

/** Enough to find the statement; what follows may hold a password. */
function firstLine(sqlText: string): string {
  const line = sqlText.trim().split('\n')[0] ?? '';
  return line.replace(/(password\s*=\s*)'[^']*'/gi, "$1'***'");
}
