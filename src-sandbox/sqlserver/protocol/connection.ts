import type { Socket } from 'node:net';
import type { EngineSession, SqlMessage } from '../engine-contract.ts';
import { Answer } from './answer.ts';
import { ByteReader } from './byte-reader.ts';
import type { TdsFault, TdsMessageInfo } from './fault.ts';
import {
  loginFailed,
  negotiatePacketBytes,
  negotiateVersion,
  openSession,
  refusal,
  untrustedDomain,
  writeLoginAnswer,
  writeRefusal,
  type Identity,
} from './log-in.ts';
import { MAX_LOGIN7_BYTES, readLogin7, type Login7 } from './login7.ts';
import { buildChallenge, checkNegotiate, verifyAuthenticate } from './ntlm.ts';
import { DEFAULT_PACKET_BYTES, frameMessage, PACKET_TYPE, PacketReader, type ClientMessage } from './packets.ts';
import { ENCRYPTION, negotiateEncryption, readPrelogin, writePrelogin } from './prelogin.ts';
import { ProtocolError } from './protocol-error.ts';
import { RequestRunner } from './request-runner.ts';
import { askForFault, type ServerSettings } from './server-settings.ts';
import { writeFedAuthInfo, writeSspi } from './tokens.ts';
import { Transport } from './transport.ts';

/** A client without MARS has one request open; more than a few waiting ones are no client. */
const MAX_WAITING_MESSAGES = 16;
const TLS_RECORD_HANDSHAKE = 0x16;
/** Of a client before its LOGIN7. */
const ANONYMOUS = { sql: '', procedure: '', user: '', database: '', applicationName: '' };

/** One client from its first byte to its last. */
export class TdsConnection {
  private readonly settings: ServerSettings;
  private readonly transport: Transport;
  private readonly reader: PacketReader;
  private readonly number: number;
  private readonly waiting: ClientMessage[] = [];
  private wakeReader: (() => void) | null = null;
  private isClosed = false;
  private hasBegun = false;
  /** The handshake was asked for in PRELOGIN: `login` takes TLS off again behind LOGIN7. */
  private encryption: 'none' | 'login' | 'all' = 'none';
  private isStrict = false;
  private session: EngineSession | null = null;
  private runner: RequestRunner | null = null;
  readonly closed: Promise<void>;
  private markClosed: () => void = () => undefined;

  constructor(socket: Socket, options: { settings: ServerSettings; number: number }) {
    this.settings = options.settings;
    this.number = options.number;
    this.reader = new PacketReader(MAX_LOGIN7_BYTES);
    this.closed = new Promise((resolve) => (this.markClosed = resolve));
    this.transport = new Transport(socket, {
      onBytes: (bytes) => {
        try {
          this.onBytes(bytes);
        } catch (error) {
          this.fail(error);
        }
      },
      onFailure: (error) => this.fail(error),
      onClose: () => this.onClose(),
    });
    void this.serve();
  }

  close(): void {
    this.transport.close();
  }

  /** Malformed bytes and defects alike: the log says which. */
  private fail(error: unknown): void {
    if (!this.isClosed) this.settings.log(`connection ${this.number}: ${String(error)}`);
    this.transport.close();
  }

  private onBytes(bytes: Buffer): void {
    if (!this.hasBegun) {
      this.hasBegun = true;
      if (bytes[0] === TLS_RECORD_HANDSHAKE && this.settings.tls !== null) {
        this.isStrict = true;
        this.encryption = 'all';
        this.secure('direct', bytes).catch((error: unknown) => this.fail(error));
        return;
      }
      if (this.settings.tlsMode === 'strict')
        throw new ProtocolError('a client without TLS on a server that is strict');
    }
    this.reader.feed(bytes, (message) => this.onMessage(message));
  }

  private onMessage(message: ClientMessage): void {
    if (message.type === PACKET_TYPE.attention) {
      // It is answered behind the requests that it stops, or alone when there is none.
      this.runner?.cancel();
      for (const stopped of this.waiting) stopped.isCanceled = true;
    }
    if (message.type === PACKET_TYPE.login7 && this.encryption === 'login') this.transport.stopTls();
    this.waiting.push(message);
    if (this.waiting.length > MAX_WAITING_MESSAGES) throw new ProtocolError('too many requests at once');
    this.wakeReader?.();
  }

  private onClose(): void {
    this.isClosed = true;
    this.wakeReader?.();
    this.runner?.cancel();
  }

  private async nextMessage(): Promise<ClientMessage | null> {
    while (this.waiting.length === 0) {
      if (this.isClosed) return null;
      await new Promise<void>((resolve) => (this.wakeReader = resolve));
      this.wakeReader = null;
    }
    return this.isClosed ? null : this.waiting.shift()!;
  }

  private async serve(): Promise<void> {
    const timer = setTimeout(() => this.transport.close(), this.settings.loginTimeoutMs);
    try {
      const fault = await this.ask({ operation: 'connect', ...ANONYMOUS });
      if (await this.applyEarly(fault)) return;
      await this.greet();
      const isLoggedIn = await this.logIn();
      clearTimeout(timer);
      if (isLoggedIn) await this.serveRequests();
    } catch (error) {
      this.fail(error);
    } finally {
      clearTimeout(timer);
      await this.session
        ?.close()
        .catch((error: unknown) => this.settings.log(`connection ${this.number}: ${String(error)}`));
      this.markClosed();
    }
  }

  private ask(info: Omit<TdsMessageInfo, 'number' | 'connection'>): Promise<TdsFault | null> {
    return askForFault(this.settings, { ...info, connection: this.number });
  }

  /** Faults before there is an answer that could be cut. */
  private async applyEarly(fault: TdsFault | null): Promise<boolean> {
    if (fault === null) return false;
    if (fault.kind === 'stall') {
      await this.stall(fault.forMs);
      return this.isClosed;
    }
    this.transport.reset();
    return true;
  }

  /** Waits, or until the client is gone. */
  private stall(forMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = forMs === undefined ? undefined : setTimeout(resolve, forMs);
      void this.transport.whenClosed.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private async secure(kind: 'wrapped' | 'direct', first: Buffer): Promise<void> {
    const fault = await this.ask({ operation: 'tls', ...ANONYMOUS });
    if (await this.applyEarly(fault)) return;
    const { tls } = this.settings;
    if (tls !== null && !this.isClosed) this.transport.startTls(kind, { context: tls[kind], first });
  }

  private async greet(): Promise<void> {
    const message = await this.nextMessage();
    if (message === null) return;
    if (message.type !== PACKET_TYPE.prelogin) throw new ProtocolError('a client that does not begin with PRELOGIN');
    const request = readPrelogin(message.payload);
    const mode = this.settings.tlsMode === 'strict' ? 'required' : this.settings.tlsMode;
    const encryption = this.isStrict ? ENCRYPTION.on : negotiateEncryption(request.encryption, mode);
    const isOwnInstance =
      request.instance === '' || request.instance.toUpperCase() === this.settings.instanceName.toUpperCase();
    const payload = writePrelogin({
      request,
      encryption,
      version: this.settings.version,
      isFederatedAuthenticationRequired: this.settings.federated !== null,
      instanceValidity: isOwnInstance ? 0 : 1,
    });
    if (!this.isStrict && encryption !== ENCRYPTION.notSupported) {
      this.encryption = encryption === ENCRYPTION.off ? 'login' : 'all';
      await this.secure('wrapped', this.reader.takeRest());
    }
    this.transport.writeBare(
      frameMessage(payload, { type: PACKET_TYPE.tabularResult, packetBytes: DEFAULT_PACKET_BYTES, spid: 0 }),
    );
  }

  /** False: the client was refused or is gone. */
  private async logIn(): Promise<boolean> {
    const message = await this.nextMessage();
    if (message === null) return false;
    if (message.type !== PACKET_TYPE.login7) throw new ProtocolError('a client that does not log in');
    const login = readLogin7(message.payload);
    const tdsVersion = negotiateVersion(login.tdsVersion, this.isStrict);
    const fault = await this.ask({ operation: 'login', ...ANONYMOUS, ...describe(login) });
    if (fault !== null && fault.kind !== 'error') {
      if (await this.applyEarly(fault)) return false;
    }
    if (fault?.kind === 'error') return this.refuse([{ ...fault, message: fault.text, procedure: '', line: 1 }]);
    if (tdsVersion === null)
      return this.refuse([
        refusal(17_836, 'The version of TDS that the client speaks is not supported: 7.3 B, 7.4 and 8.0 are.'),
      ]);
    const identity = await this.identify(login);
    if (identity === null) return false;
    const outcome = await openSession(this.settings, login, identity);
    if (outcome.kind === 'refused') return this.refuse(outcome.messages);
    this.session = outcome.session;
    const packetBytes = negotiatePacketBytes(login.packetBytes);
    const answer = this.answer();
    writeLoginAnswer(answer, { settings: this.settings, ...outcome, login, tdsVersion, packetBytes });
    await answer.end();
    this.reader.maxMessageBytes = this.settings.maxMessageBytes;
    this.runner = new RequestRunner({
      settings: this.settings,
      transport: this.transport,
      session: outcome.session,
      packetBytes,
      connection: this.number,
      user: identity.user,
      applicationName: login.applicationName,
      ask: (info) => this.ask(info),
      stall: (forMs) => this.stall(forMs),
    });
    return true;
  }

  private answer(): Answer {
    return new Answer({
      transport: this.transport,
      packetBytes: DEFAULT_PACKET_BYTES,
      spid: this.session?.spid ?? 0,
    });
  }

  private async refuse(messages: SqlMessage[]): Promise<false> {
    const answer = this.answer();
    writeRefusal(answer, messages, this.settings.serverName);
    await answer.end();
    this.transport.end();
    return false;
  }

  /** Who the client is, by password, NTLM or token; null when it was refused. */
  private async identify(login: Login7): Promise<Identity | null> {
    if (login.federated !== null) return this.identifyByToken(login);
    if (login.isIntegrated || login.sspi.length > 0) return this.identifyByNtlm(login);
    if (login.newPassword !== '' || login.attachDatabaseFile !== '') {
      const what = login.newPassword === '' ? 'To attach a database file' : 'A change of the password';
      await this.refuse([refusal(18_456, `${what} at login is not supported by this server.`)]);
      return null;
    }
    return { user: login.userName, password: login.password };
  }

  private async identifyByNtlm(login: Login7): Promise<Identity | null> {
    checkNegotiate(login.sspi);
    const { domainUsers, serverName } = this.settings;
    const challenge = buildChallenge({ domain: domainUsers[0]?.domain ?? serverName, computer: serverName });
    const answer = this.answer();
    writeSspi(answer.writer, challenge.message);
    await answer.end();
    const message = await this.nextMessage();
    if (message === null) return null;
    if (message.type !== PACKET_TYPE.sspi) throw new ProtocolError('a client that does not go on with NTLM');
    const user = verifyAuthenticate(message.payload, { nonce: challenge.nonce, users: domainUsers });
    if (user !== null) return { user: `${user.domain}\\${user.user}`, password: user.password };
    await this.refuse([untrustedDomain()]);
    return null;
  }

  private async identifyByToken(login: Login7): Promise<Identity | null> {
    const { federated } = this.settings;
    const asked = login.federated;
    if (federated === null || asked === null || asked.library === 'unknown' || this.encryption !== 'all') {
      await this.refuse([
        refusal(18_456, "Login failed for user ''. Authentication with a token is not available here."),
      ]);
      return null;
    }
    const token = asked.library === 'security-token' ? asked.token : await this.askForToken(federated);
    if (token === null) return null;
    const identity = await federated.checkToken(token);
    if (identity === null) await this.refuse([loginFailed('<token-identified principal>')]);
    return identity;
  }

  private async askForToken(info: { stsUrl: string; spn: string }): Promise<string | null> {
    const answer = this.answer();
    writeFedAuthInfo(answer.writer, info);
    await answer.end();
    const message = await this.nextMessage();
    if (message === null) return null;
    if (message.type !== PACKET_TYPE.federatedToken) throw new ProtocolError('a client that does not send its token');
    const reader = new ByteReader(message.payload);
    reader.u32();
    return reader.take(reader.u32()).toString('utf16le');
  }

  private async serveRequests(): Promise<void> {
    const { runner } = this;
    for (let message = await this.nextMessage(); message !== null; message = await this.nextMessage()) {
      const isOver = await runner!.run(message);
      if (isOver) {
        this.transport.end();
        return;
      }
    }
  }
}

function describe(login: Login7): Pick<TdsMessageInfo, 'user' | 'database' | 'applicationName'> {
  return { user: login.userName, database: login.database, applicationName: login.applicationName };
}
