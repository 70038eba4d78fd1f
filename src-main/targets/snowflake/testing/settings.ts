import type { SnowflakeSettings } from '#shared/model/connection-settings';

/** Settings of a scripted account; a password login unless told otherwise. */
export function settingsFor(url: string, changes: Partial<SnowflakeSettings> = {}): SnowflakeSettings {
  return {
    account: 'testorg-test',
    user: 'ADA',
    auth: { kind: 'password', passcode: '' },
    role: 'LOADER',
    warehouse: 'LOAD_WH',
    accessUrl: url,
    proxy: { host: '', port: null, user: '' },
    ...changes,
  };
}
