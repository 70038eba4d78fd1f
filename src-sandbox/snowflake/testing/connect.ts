import type { Bind, Connection, ConnectionOptions, RowStatement } from 'snowflake-sdk';
import type { SnowflakeOptions } from '../server.ts';

process.env['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] = 'true';
process.env['SNOWFLAKE_DISABLE_MINICORE'] = '1';
process.env['SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'] = '1';

export type Rows = Record<string, unknown>[];

/** One connection of the vendor's own driver; values come as the exact text. */
export interface TestSession {
  connection: Connection;
  run(sqlText: string, options?: { binds?: unknown; parameters?: Record<string, unknown> }): Promise<Rows>;
  /** The first column of the first row. */
  value(sqlText: string): Promise<unknown>;
  statement(sqlText: string): Promise<RowStatement>;
  close(): Promise<void>;
}

export const ADA = {
  name: 'ADA',
  password: 'correct horse',
  roles: ['ACCOUNTADMIN', 'MIGRATOR'],
  defaultRole: 'MIGRATOR',
  defaultWarehouse: 'PRACTICE_WH',
};

export const TEST_ACCOUNT: SnowflakeOptions = { withPractice: true, users: [ADA] };

/** Logs in with the unmodified driver. @throws the driver's error */
export async function connect(accessUrl: string, options: Partial<ConnectionOptions> = {}): Promise<TestSession> {
  const { default: snowflake } = await import('snowflake-sdk');
  snowflake.configure({ logLevel: 'OFF', useEnvProxy: false });
  const connection = snowflake.createConnection({
    accessUrl,
    account: 'practice',
    username: 'ada',
    password: ADA.password,
    database: 'PRACTICE',
    schema: 'PUBLIC',
    sfRetryMaxLoginRetries: 0,
    clientConfigFile: '',
    representNullAsStringNull: false,
    fetchAsString: ['Number', 'Date', 'JSON', 'Buffer', 'Boolean'],
    ...options,
  });
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  const execute = (
    sqlText: string,
    given: { binds?: unknown; parameters?: Record<string, unknown> } = {},
  ): Promise<{ rows: Rows; statement: RowStatement }> =>
    new Promise((resolve, reject) => {
      connection.execute({
        sqlText,
        ...(given.binds === undefined ? {} : { binds: given.binds as Bind[] }),
        ...(given.parameters === undefined ? {} : { parameters: given.parameters }),
        complete: (error, statement, rows) =>
          error ? reject(error) : resolve({ rows: (rows ?? []) as Rows, statement }),
      });
    });
  const run = async (
    sqlText: string,
    given?: { binds?: unknown; parameters?: Record<string, unknown> },
  ): Promise<Rows> => (await execute(sqlText, given)).rows;
  return {
    connection,
    run,
    value: async (sqlText) => Object.values((await run(sqlText))[0] ?? {})[0],
    statement: async (sqlText) => (await execute(sqlText)).statement,
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  };
}

/** The answer is awaited until `isDone`; no fixed pauses. */
export async function eventually(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await isDone())) {
    if (Date.now() > end) throw new Error('It did not come about in 20 seconds.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
