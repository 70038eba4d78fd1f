import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Connection } from 'tedious';

/** Reads the payload of an answer: decrypted, without packet headers, in pieces cut anywhere. Taking no piece holds the server up. Must not reject. */
export type PayloadReader = (payload: AsyncIterable<Uint8Array>) => Promise<void>;

/**
 * Hands the payload of the next answer on this connection to `read` instead of the driver's own parser, which makes an object of every cell and doubles of
 * every decimal. The driver keeps all else: login, TLS, packets, attention, and the answers after this one. False, and nothing is changed, when the driver is
 * not built as it must be for that; this is the only place that knows how it is built.
 */
export function takeOverAnswer(connection: Connection, read: PayloadReader): boolean {
  if (!isKnownDriver()) return false;
  const driver = connection as unknown as Partial<DriverInside>;
  if (typeof driver.createTokenStreamParser !== 'function' || driver.createTokenStreamParser.length !== 2) return false;
  if (Object.hasOwn(driver, 'createTokenStreamParser')) return false;
  driver.createTokenStreamParser = (payload) => {
    delete driver.createTokenStreamParser;
    const parser = new ForeignParser();
    void read(payload).then(() => {
      // The end of an answer means nothing to a driver that has given the request up already, because the connection was lost or closed.
      if (driver.request) parser.emit('end');
    });
    return parser;
  };
  return true;
}

/** Releases whose inside was looked at; https://github.com/tediousjs/tedious/blob/v19.2.2/src/connection.ts calls the hook once for every message. */
const KNOWN_VERSIONS = /^19\.2\./;

interface DriverInside {
  /** The request that waits for its answer. */
  request?: object;
  createTokenStreamParser(payload: AsyncIterable<Uint8Array>, handler: object): ForeignParser;
}

/** What the driver's state machine expects of a parser: `end` when the message is read, and that it can be held up. */
class ForeignParser extends EventEmitter {
  /** Holding up is the reader's own business. */
  pause(): void {}

  resume(): void {}
}

let isKnown: boolean | null = null;

function isKnownDriver(): boolean {
  isKnown ??= KNOWN_VERSIONS.test(readDriverVersion());
  return isKnown;
}

function readDriverVersion(): string {
  try {
    const description = createRequire(import.meta.url)('tedious/package.json') as { version?: unknown };
    return String(description.version);
  } catch {
    return 'unknown';
  }
}
