import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { TlsOptions } from './tls.ts';

interface Address {
  host: string;
  port: number;
}

/** SSLRequest and CancelRequest codes: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;
const TIMEOUT_MS = 10_000;

/**
 * Asks the server to cancel what the session runs, on a connection of its own as the protocol wants it. Best effort: it resolves when the request was sent,
 * and says nothing about whether there was something to cancel; rejects when the server cannot be reached.
 */
export async function sendCancelRequest(
  request: Address & { tls: TlsOptions; processId: number; secretKey: number },
): Promise<void> {
  const socket = await openSocket(request, request.tls);
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(CANCEL_REQUEST, 4);
  message.writeInt32BE(request.processId, 8);
  message.writeInt32BE(request.secretKey, 12);
  socket.end(message);
  // The server closes when it has passed the request on; reading until then keeps the request from being cut off.
  socket.resume();
  await once(socket, 'close', { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
  socket.destroy();
}

/** Who the server's certificate names and who signed it, for messages about a certificate that is not trusted; null when there is none to see. */
export async function readPeerCertificate(address: Address): Promise<{ subject: string; issuer: string } | null> {
  try {
    const socket = (await openSocket(address, { rejectUnauthorized: false })) as TLSSocket;
    const certificate = socket.getPeerCertificate();
    socket.destroy();
    return { subject: distinguishedName(certificate.subject), issuer: distinguishedName(certificate.issuer) };
  } catch {
    return null;
  }
}

/** A connection that is ready for the protocol's first message, encrypted when `tls` says so. Rejects after ten seconds. */
async function openSocket(address: Address, tls: TlsOptions): Promise<Socket> {
  const tcp = connectTcp(address.port, address.host);
  const patience = AbortSignal.timeout(TIMEOUT_MS);
  try {
    await once(tcp, 'connect', { signal: patience });
    return tls === false ? withoutErrors(tcp) : withoutErrors(await upgrade(tcp, { address, tls, patience }));
  } catch (error) {
    withoutErrors(tcp).destroy();
    throw error;
  }
}

async function upgrade(
  tcp: Socket,
  parts: { address: Address; tls: ConnectionOptions; patience: AbortSignal },
): Promise<TLSSocket> {
  const { host } = parts.address;
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(SSL_REQUEST, 4);
  tcp.write(request);
  const [answer] = (await once(tcp, 'data', { signal: parts.patience })) as [Buffer];
  if (answer.toString('latin1') !== 'S') throw new Error('The server does not support SSL connections');
  const secure = connectTls({ ...parts.tls, socket: tcp, host, ...(isIP(host) === 0 ? { servername: host } : {}) });
  await once(secure, 'secureConnect', { signal: parts.patience });
  return secure;
}

function withoutErrors<T extends Socket>(socket: T): T {
  socket.on('error', () => undefined);
  return socket;
}

function distinguishedName(name: PeerCertificate['subject'] | undefined): string {
  const parts = Object.entries(name ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
