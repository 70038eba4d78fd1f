import { connect, type Session } from '../../targets/snowflake/connect.ts';
import type { SnowflakeDescription } from './practice-commands.ts';

/** A session of its own in the practice account, to look at what a command left there. */
export function openSnowflake(description: SnowflakeDescription, signal: AbortSignal): Promise<Session> {
  const { accessUrl, account, user, password, role, warehouse } = description;
  return connect({
    settings: {
      account,
      user,
      auth: { kind: 'password', passcode: '' },
      role,
      warehouse,
      accessUrl,
      proxy: { host: '', port: null, user: '' },
    },
    secrets: { 'snowflake.password': password },
    signal,
  });
}
