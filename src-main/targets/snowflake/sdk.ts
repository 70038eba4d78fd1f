import { createRequire } from 'node:module';
import './boot-env.ts';
import type Snowflake from 'snowflake-sdk';
import type { Log, LogLevel } from '../../lib/log.ts';
import { redact } from '../../lib/redact.ts';

export type SnowflakeConnection = ReturnType<typeof Snowflake.createConnection>;
export type SnowflakeConnectionOptions = Parameters<typeof Snowflake.createConnection>[0];

/** Not by `import`: in a bundle that would run before the environment is set. */
const snowflake = createRequire(import.meta.url)('snowflake-sdk') as typeof Snowflake;

const listeners = new Set<Log>();
let isConfigured = false;

/**
 * The SDK, set up once for the whole process: no snowflake.log in the working directory, warnings and errors go to the log that the targets share,
 * variants stay text (the SDK's own fallback evaluates what is not JSON as code), and tokens of one login (MFA, browser) are kept in memory only, so that
 * the sessions of a run need no further prompts.
 */
export function loadSdk(log?: Log): typeof snowflake {
  if (log) listeners.add(log);
  if (!isConfigured) {
    isConfigured = true;
    snowflake.configure({
      logLevel: 'WARN',
      additionalLogToConsole: false,
      customLogger: sdkLogger(),
      jsonColumnVariantParser: (text: string) => text,
      xmlColumnVariantParser: (text: string) => text,
      customCredentialManager: memoryCredentials(),
    });
  }
  return snowflake;
}

export function forgetLog(log: Log | undefined): void {
  if (log) listeners.delete(log);
}

function sdkLogger() {
  const write = (level: LogLevel) => (message: string) => {
    for (const listener of listeners) listener(level, `snowflake-sdk: ${redact(String(message))}`);
  };
  const ignore = () => undefined;
  return { error: write('error'), warn: write('warn'), info: ignore, debug: ignore, trace: ignore };
}

function memoryCredentials() {
  const tokens = new Map<string, string>();
  return {
    read: (key: string) => Promise.resolve(tokens.get(key) ?? null),
    write: (key: string, token: string) => {
      tokens.set(key, token);
      return Promise.resolve();
    },
    remove: (key: string) => {
      tokens.delete(key);
      return Promise.resolve();
    },
  };
}
