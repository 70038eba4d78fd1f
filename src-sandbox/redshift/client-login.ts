import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { AskPassword, StartupRequest } from './authenticate.ts';
import { errorResponse, message, readCString, RedshiftError } from './wire.ts';

/** Paths of the practice cluster's certificate, its key, and the authority that a client with `verify-full` trusts. */
export const TLS_FILES = {
  ca: new URL('./tls/ca.pem', import.meta.url),
  certificate: new URL('./tls/server.pem', import.meta.url),
  key: new URL('./tls/server.key', import.meta.url),
};

export type Greeting =
  | {
      readonly kind: 'startup';
      readonly client: Duplex;
      readonly request: StartupRequest;
      readonly ask: AskPassword;
      readonly takeRest: () => Buffer;
    }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number };

export interface GreetingOptions {
  readonly isTlsOffered: boolean;
  /** `require_ssl` of the cluster's parameter group. */
  readonly isTlsRequired: boolean;
}

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
const PROTOCOL_3 = 3;
const MAX_STARTUP_BYTES = 10_000;

/**
 * Reads what a client sends before it is logged in: SSLRequest (answered with S and an upgrade), CancelRequest or StartupMessage.
 * Rejects when the client goes away or talks something else; the client has been told by then.
 */
export async function greet(socket: Socket, options: GreetingOptions): Promise<Greeting> {
  let client: Duplex = socket;
  let reader = createByteReader(client);
  for (;;) {
    const header = await reader.take(8);
    const length = header.readInt32BE(0);
    const code = header.readInt32BE(4);
    if (code === SSL_REQUEST && options.isTlsOffered && client === socket) {
      reader.detach();
      const upgraded = upgrade(socket);
      socket.write('S');
      client = await upgraded;
      reader = createByteReader(client);
    } else if (code === SSL_REQUEST || code === GSS_REQUEST) {
      client.write('N');
    } else if (code === CANCEL_REQUEST) {
      const body = await reader.take(8);
      return { kind: 'cancel', processId: body.readInt32BE(0), secret: body.readInt32BE(4) };
    } else {
      if (code >> 16 !== PROTOCOL_3 || length < 9 || length > MAX_STARTUP_BYTES) {
        throw refuse(
          client,
          `unsupported frontend protocol ${code >> 16}.${code & 0xffff}: server supports 3.0 to 3.0`,
        );
      }
      const body = await reader.take(length - 8);
      if (options.isTlsRequired && client === socket)
        throw refuse(client, 'no pg_hba.conf entry for host: SSL is required by this cluster', '28000');
      return {
        kind: 'startup',
        client,
        request: readStartup(body, client),
        ask: passwordAsker(client, reader),
        takeRest: () => reader.detach(),
      };
    }
  }
}

function refuse(client: Duplex, text: string, code = '0A000'): RedshiftError {
  const fields = { severity: 'FATAL', code, message: text } as const;
  client.end(errorResponse(fields));
  return new RedshiftError(fields);
}

function upgrade(socket: Socket): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    // The handshake is read from the handle below the socket, which must not be paused.
    socket.resume();
    const secured = new tls.TLSSocket(socket, {
      isServer: true,
      cert: readFileSync(TLS_FILES.certificate),
      key: readFileSync(TLS_FILES.key),
    });
    secured.once('secure', () => resolve(secured));
    secured.once('error', reject);
    secured.once('close', () => reject(new Error('the client left during the TLS handshake')));
  });
}

function readStartup(body: Buffer, client: Duplex): StartupRequest {
  const parameters: Record<string, string> = {};
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const name = readCString(body, at);
    const value = readCString(body, name.next);
    parameters[name.value] = value.value;
    at = value.next;
  }
  const { user, database, ...rest } = parameters;
  if (user === undefined || user === '')
    throw refuse(client, 'no PostgreSQL user name specified in startup packet', '28000');
  return { user, database: database ?? user, parameters: rest };
}

function passwordAsker(client: Duplex, reader: ByteReader): AskPassword {
  return async (request) => {
    client.write(request.kind === 'cleartext' ? message('R', 3) : message('R', 5, request.salt));
    const header = await reader.take(5);
    const length = header.readInt32BE(1) - 4;
    if (header[0] !== 0x70 || length < 1 || length > MAX_STARTUP_BYTES)
      throw refuse(client, 'expected password response', '08P01');
    return readCString(await reader.take(length), 0).value;
  };
}

interface ByteReader {
  take(count: number): Promise<Buffer>;
  /** Stops reading; gives back what has come and was not taken. */
  detach(): Buffer;
}

function createByteReader(stream: Duplex): ByteReader {
  let pending: Buffer = Buffer.alloc(0);
  let wake: (() => void) | undefined;
  let ended: Error | undefined;
  const onData = (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk]);
    wake?.();
  };
  const onEnd = (): void => {
    ended = new Error('the client closed the connection before it was logged in');
    wake?.();
  };
  stream.on('data', onData);
  stream.on('close', onEnd);
  stream.on('error', onEnd);
  return {
    take: async (count) => {
      while (pending.length < count) {
        if (ended !== undefined) throw ended;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      const taken = pending.subarray(0, count);
      pending = Buffer.from(pending.subarray(count));
      return taken;
    },
    detach: () => {
      stream.pause();
      stream.off('data', onData);
      stream.off('close', onEnd);
      stream.off('error', onEnd);
      return pending;
    },
  };
}
