import type tls from 'node:tls';
import type { Engine } from '../engine-contract.ts';
import type { TdsFault, TdsFaultHook, TdsMessageInfo } from './fault.ts';
import type { DomainUser } from './ntlm.ts';
import type { ServerVersion } from './prelogin.ts';
import type { ResultCache } from './result-cache.ts';

/** `none`: the server cannot encrypt. `offered`: the client decides. `required`: everything is encrypted. `strict`: only TDS 8, TLS first. */
export type TlsMode = 'none' | 'offered' | 'required' | 'strict';

/** Login with a token of Microsoft Entra ID. */
export interface FederatedSettings {
  /** Where clients get a token, and for what: told in FEDAUTHINFO. */
  stsUrl: string;
  spn: string;
  /** The login that a token stands for; null for a token that is none of this server's. */
  checkToken(token: string): Promise<{ user: string; password: string } | null>;
}

/** What all connections of a server share. */
export interface ServerSettings {
  engine: Engine;
  serverName: string;
  instanceName: string;
  version: ServerVersion;
  collation: string;
  language: string;
  maxMessageBytes: number;
  tlsMode: TlsMode;
  /** For TLS inside TDS 7.x, and for TDS 8; null for the mode `none`. */
  tls: { wrapped: tls.SecureContext; direct: tls.SecureContext } | null;
  domainUsers: readonly DomainUser[];
  federated: FederatedSettings | null;
  resultCache: ResultCache | null;
  loginTimeoutMs: number;
  onMessage: TdsFaultHook | null;
  nextNumber(): number;
  log(text: string): void;
}

/** Asks the hook of the tests. */
export async function askForFault(
  settings: ServerSettings,
  info: Omit<TdsMessageInfo, 'number'>,
): Promise<TdsFault | null> {
  const number = settings.nextNumber();
  if (settings.onMessage === null) return null;
  return (await settings.onMessage({ ...info, number })) ?? null;
}
