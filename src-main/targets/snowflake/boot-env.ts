/**
 * Must be imported before snowflake-sdk: the SDK reads these when it is loaded.
 * Platform detection would ask cloud metadata addresses and call AWS STS with whatever credentials the machine has; minicore would load a native
 * library for telemetry only; the connection shape is a telemetry request after each login.
 */
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
process.env.SNOWFLAKE_DISABLE_MINICORE = '1';
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';

/** The SDK would send requests to this machine through the proxy of the environment, too; no proxy can reach them. */
if (process.env.HTTP_PROXY || process.env.HTTPS_PROXY || process.env.http_proxy || process.env.https_proxy) {
  const list = (process.env.NO_PROXY ?? process.env.no_proxy ?? '').split(',').filter((host) => host !== '');
  if (!list.includes('*')) process.env.NO_PROXY = [...new Set([...list, '127.0.0.1', 'localhost'])].join(',');
}

export {};
