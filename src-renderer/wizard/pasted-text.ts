import type { ParsedConnectionText } from '#shared/ipc/contract';
import { fieldOfPath, type FormValues } from './form-values.ts';

export interface PasteNotice {
  tone: 'ok' | 'warning';
  text: string;
}

/** True for text that may say more than its own field asks for. */
export function looksLikeConnectionText(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.length < 4 || trimmed.length > 4000) return false;
  return /[:=;\s/]/.test(trimmed) || /\.(amazonaws\.com|snowflakecomputing\.com)(\.cn)?$/i.test(trimmed);
}

/**
 * The fields that a pasted text fills in, and the sentence that says so. Its keys are paths of settings (`auth.user`); `names` says which field a path
 * belongs to where that is not its last name. A text for another kind of server changes nothing.
 */
export function applyPastedText<Values extends FormValues>(options: {
  kind: ParsedConnectionText['kind'];
  values: Values;
  parsed: ParsedConnectionText;
  names: Readonly<Record<string, string>>;
}): { changes: Partial<Values>; notice: PasteNotice } {
  const { kind, values, parsed, names } = options;
  if (parsed.kind !== kind) {
    const text = `The pasted ${parsed.form} belongs to ${SERVER_NAMES[parsed.kind]}, not to ${SERVER_NAMES[kind]}.`;
    return { changes: {}, notice: { tone: 'warning', text } };
  }
  const known = Object.entries(parsed.values)
    .map(([path, value]) => [fieldOfPath(path, names), value] as const)
    .filter(([name]) => name in values);
  const changes = Object.fromEntries(known.map(([name, value]) => [name, String(value)])) as Partial<Values>;
  const labels = known.map(([name]) => FIELD_WORDS[name] ?? name).join(', ');
  const text = `Filled in from the pasted ${parsed.form}: ${labels}. Passwords are not taken from pasted text.`;
  return { changes, notice: { tone: 'ok', text } };
}

const SERVER_NAMES = { redshift: 'Amazon Redshift', sqlserver: 'SQL Server', snowflake: 'Snowflake' } as const;
const FIELD_WORDS: Readonly<Record<string, string>> = {
  host: 'host',
  port: 'port',
  instance: 'instance',
  database: 'database',
  user: 'user',
  authKind: 'way to sign in',
  clusterId: 'cluster identifier',
  workgroup: 'workgroup',
  region: 'region',
  dbUser: 'database user',
  credentialsKind: 'AWS credentials',
  profile: 'AWS profile',
  accessKeyId: 'access key id',
  tlsMode: 'TLS mode',
  encrypt: 'encryption',
  trustServerCertificate: 'trust in the certificate',
  readOnlyIntent: 'read-only intent',
  account: 'account identifier',
  accessUrl: 'account URL',
  role: 'role',
  warehouse: 'warehouse',
};
