import type { Practice } from '../fixtures.ts';

/** Runs statements in Snowflake as the practice user: what somebody else does there meanwhile. Gives the rows of the last one. */
export async function runInSnowflake(
  { snowflake }: Pick<Practice, 'snowflake'>,
  statements: string[],
): Promise<Record<string, unknown>[]> {
  // Read when the driver is loaded: no look around for a cloud's metadata service, no native add-on, no telemetry.
  process.env['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] = 'true';
  process.env['SNOWFLAKE_DISABLE_MINICORE'] = '1';
  process.env['SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'] = '1';
  const { default: driver } = await import('snowflake-sdk');
  driver.configure({ logLevel: 'OFF' });
  const { accessUrl, account, user, password, role, warehouse, database } = snowflake;
  const connection = driver.createConnection({
    accessUrl,
    account,
    username: user,
    password,
    role,
    warehouse,
    database,
  });
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  let rows: Record<string, unknown>[] = [];
  for (const sqlText of statements) {
    rows = await new Promise((resolve, reject) => {
      connection.execute({
        sqlText,
        complete: (error, _statement, found) => (error ? reject(error) : resolve(found ?? [])),
      });
    });
  }
  await new Promise<void>((resolve) => connection.destroy(() => resolve()));
  return rows;
}
