import type { Side } from '#shared/model/run';
import type { RunLimits } from '#shared/model/run-limits';
import type { Connections } from './connections.ts';
import { markSide } from './sides.ts';
import { watch } from './watchdog.ts';

/** These watch over themselves: a load must not be interrupted once COMMIT is sent, uploads and reads may take as long as they move. */
const OWN_WATCH: ReadonlySet<string> = new Set(['loadPartition', 'putFile', 'unload', 'extract', 'close', 'resize']);

/** The same connections, with a limit over each call and errors that know their side. */
export function watchConnections(connections: Connections, limits: RunLimits): Connections {
  const { source, target, staging, extractor } = connections;
  return {
    source: watched(source, 'source', limits.targetCallSeconds),
    target: watched(target, 'snowflake', limits.targetCallSeconds),
    staging: staging && watched(staging, 'staging', limits.stagingCallSeconds),
    extractor: extractor && watched(extractor, 'source', limits.targetCallSeconds),
  };
}

function watched<T extends object>(object: T, side: Side, limitSeconds: number): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...args: unknown[]): unknown => {
        const call = (given: unknown[]): unknown => Reflect.apply(value, target, given);
        const options = args.at(-1);
        const result =
          isCancellable(options) && !OWN_WATCH.has(name)
            ? watch({ signal: options.signal, what: `${side}.${name}`, silenceMs: limitSeconds * 1000 }, (signal) =>
                Promise.resolve(call([...args.slice(0, -1), { ...options, signal }])),
              )
            : call(args);
        return result instanceof Promise ? result.catch((error: unknown) => rethrow(error, side)) : result;
      };
    },
  });
}

function rethrow(error: unknown, side: Side): never {
  markSide(error, side);
  throw error;
}

function isCancellable(options: unknown): options is { signal: AbortSignal } {
  return (
    typeof options === 'object' && options !== null && 'signal' in options && options.signal instanceof AbortSignal
  );
}
