import { toAbortError } from './abort.ts';
import { createSemaphore } from './semaphore.ts';

/** Connections that are opened when needed, used by one caller at a time and kept open a while for the next. */
export interface IdlePool<Item> {
  /** Lends one. One whose work failed is closed, whatever state it was in. */
  use<T>(signal: AbortSignal, work: (item: Item) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface IdlePoolOptions<Item> {
  open(signal: AbortSignal): Promise<Item>;
  /** Rejects, or takes longer than `signal` allows, when the other end is gone. */
  probe(item: Item, signal: AbortSignal): Promise<unknown>;
  /** At the same time; further callers wait. */
  most: number;
}

const IDLE_LIMIT_MS = 60_000;
/** Firewalls drop connections silently; one that rested longer than this shows first that it still answers. */
const TRUSTED_REST_MS = 20_000;
const PROBE_LIMIT_MS = 5_000;

export function createIdlePool<Item extends { isOpen(): boolean; close(): Promise<void> }>(
  options: IdlePoolOptions<Item>,
): IdlePool<Item> {
  const places = createSemaphore(options.most);
  const idle: { item: Item; since: number }[] = [];
  let isClosed = false;

  const sweep = setInterval(() => {
    const limit = Date.now() - IDLE_LIMIT_MS;
    while (idle[0] && idle[0].since < limit) void idle.shift()?.item.close();
  }, IDLE_LIMIT_MS / 2);
  sweep.unref();

  const isUsable = async (item: Item, since: number): Promise<boolean> => {
    if (!item.isOpen()) return false;
    if (Date.now() - since < TRUSTED_REST_MS) return true;
    return options.probe(item, AbortSignal.timeout(PROBE_LIMIT_MS)).then(
      () => true,
      () => false,
    );
  };

  const take = async (signal: AbortSignal): Promise<Item> => {
    for (let found = idle.pop(); found; found = idle.pop()) {
      if (await isUsable(found.item, found.since)) return found.item;
      void found.item.close();
    }
    return options.open(signal);
  };

  return {
    use(signal, work) {
      return places.run(async () => {
        const item = await take(signal);
        try {
          const result = await work(item);
          if (isClosed || !item.isOpen()) void item.close();
          else idle.push({ item, since: Date.now() });
          return result;
        } catch (error) {
          void item.close();
          throw signal.aborted ? toAbortError(signal) : error;
        }
      }, signal);
    },
    async close() {
      isClosed = true;
      clearInterval(sweep);
      await Promise.all(idle.splice(0).map(({ item }) => item.close()));
    },
  };
}
