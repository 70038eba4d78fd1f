import type { EngineSession, LoginOutcome, SqlMessage } from '../engine-contract.ts';
import type { Answer } from './answer.ts';
import { findCollation } from './collations.ts';
import type { Login7 } from './login7.ts';
import { DEFAULT_PACKET_BYTES, MAX_PACKET_BYTES, MIN_PACKET_BYTES } from './packets.ts';
import type { ServerSettings } from './server-settings.ts';
import {
  DONE,
  TOKEN,
  writeDone,
  writeEnvironmentChange,
  writeFeatureExtAck,
  writeLoginAck,
  writeMessage,
} from './tokens.ts';

const TDS_7_3_B = 0x730b0003;
const TDS_7_4 = 0x74000004;
const TDS_8_0 = 0x08000000;

/**
 * The version that both sides speak; null for clients older than TDS 7.3 revision B, whose types of dates and rows differ. Clients may name 7.4 although
 * TLS came first, as tedious does; but 8.0 means that it did.
 */
export function negotiateVersion(client: number, isStrict: boolean): number | null {
  if (client === TDS_8_0) return isStrict ? TDS_8_0 : null;
  if (client === TDS_7_3_B) return TDS_7_3_B;
  return client >= TDS_7_4 && client < 0x80000000 ? TDS_7_4 : null;
}

/** "If the client sends a value out of range": the server takes its own default, 4096, for 0 and the nearest that it allows for the rest. */
export function negotiatePacketBytes(asked: number): number {
  if (asked === 0) return DEFAULT_PACKET_BYTES;
  return Math.min(MAX_PACKET_BYTES, Math.max(MIN_PACKET_BYTES, asked));
}

/** The login that the client has proved to be. */
export interface Identity {
  user: string;
  password: string;
}

/** Asks the engine; messages of severity 10 and less come along with a session. */
export function openSession(settings: ServerSettings, login: Login7, identity: Identity): Promise<LoginOutcome> {
  return settings.engine.login({
    ...identity,
    database: login.database,
    applicationName: login.applicationName,
    hostName: login.hostName,
    readOnlyIntent: login.isReadOnlyIntent,
  });
}

export interface LoginAnswer {
  settings: ServerSettings;
  session: EngineSession;
  login: Login7;
  messages: SqlMessage[];
  tdsVersion: number;
  packetBytes: number;
}

/** What a server says to a login that it lets in, in its order. */
export function writeLoginAnswer(answer: Answer, input: LoginAnswer): void {
  const { writer } = answer;
  const { settings, session, messages, login } = input;
  const say = (message: SqlMessage) => writeMessage(writer, message, settings.serverName);
  const isSaid = (number: number) => messages.some((message) => message.number === number);
  writeEnvironmentChange(writer, { kind: 'database', value: session.database, old: 'master' });
  if (!isSaid(5701)) say(info(5701, 2, `Changed database context to '${session.database}'.`));
  writeEnvironmentChange(writer, { kind: 'collation', value: findCollation(settings.collation).bytes });
  writeEnvironmentChange(writer, { kind: 'language', value: settings.language, old: '' });
  if (!isSaid(5703)) say(info(5703, 1, `Changed language setting to ${settings.language}.`));
  for (const message of messages) say(message);
  writeLoginAck(writer, { tdsVersion: input.tdsVersion, version: settings.version });
  writeEnvironmentChange(writer, {
    kind: 'packet-size',
    value: String(input.packetBytes),
    old: String(DEFAULT_PACKET_BYTES),
  });
  writeFeatureExtAck(writer, acknowledgedFeatures(login));
  writeDone(writer, { token: TOKEN.done, status: DONE.final, command: 0, rowCount: null });
}

function acknowledgedFeatures(login: Login7): { id: number; data: Uint8Array }[] {
  const features: { id: number; data: Uint8Array }[] = [];
  if (login.federated !== null) {
    const nonce = login.federated.library === 'security-token' ? login.federated.nonce : null;
    features.push({ id: 0x02, data: nonce ?? Buffer.alloc(0) });
  }
  if (login.asksForUtf8) features.push({ id: 0x0a, data: Buffer.from([1]) });
  return features;
}

function info(number: number, state: number, message: string): SqlMessage {
  return { number, state, class: 0, message, procedure: '', line: 1 };
}

/** Messages that refuse a login, and the end of the answer. */
export function writeRefusal(answer: Answer, messages: SqlMessage[], serverName: string): void {
  for (const message of messages) writeMessage(answer.writer, message, serverName);
  writeDone(answer.writer, { token: TOKEN.done, status: DONE.error, command: 0, rowCount: null });
}

/** "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication." */
export function untrustedDomain(): SqlMessage {
  return refusal(
    18_452,
    'Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.',
  );
}

/** https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-18456-database-engine-error: the state never tells clients why. */
export function loginFailed(user: string): SqlMessage {
  return refusal(18_456, `Login failed for user '${user}'.`);
}

export function refusal(number: number, text: string): SqlMessage {
  return { number, state: 1, class: 14, message: text, procedure: '', line: 1 };
}
