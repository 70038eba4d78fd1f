import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';

type Borrower = (bytes: Uint8Array) => void;

const READ_BYTES = 256 * 1024;
const borrowers = new WeakMap<Socket, Borrower | null>();

/**
 * A plain socket that reads into one buffer again and again, where others allocate for each read and leave as much to the garbage collector as the table is
 * long. Its `data` events carry copies, for a driver may keep them. TLS has to read by itself: it cannot lie over such a socket.
 * https://nodejs.org/api/net.html#new-netsocketoptions (onread)
 */
export function createLendingSocket(): Socket {
  const options: SocketConstructorOpts & ConnectOpts = {
    onread: {
      buffer: new Uint8Array(READ_BYTES),
      callback(length, buffer) {
        const bytes = buffer.subarray(0, length);
        const borrower = borrowers.get(socket);
        if (borrower) borrower(bytes);
        else socket.emit('data', Buffer.from(bytes));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  borrowers.set(socket, null);
  return socket;
}

/** From now on `borrower` sees what is read, valid until it returns, and no `data` event comes. Answers false for a socket that lends nothing. */
export function borrowBytes(socket: Socket, borrower: Borrower): boolean {
  if (!borrowers.has(socket)) return false;
  borrowers.set(socket, borrower);
  return true;
}

export function returnBytes(socket: Socket): void {
  if (borrowers.has(socket)) borrowers.set(socket, null);
}
