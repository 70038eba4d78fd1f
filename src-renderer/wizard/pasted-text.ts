import type { ParsedConnectionText } from '#shared/ipc/contract';
import type { FormValues } from './form-values.ts';

export interface PasteNotice {
  tone: 'ok' | 'warning';
  text: string;
}

/** True for text that is more than a host or account name. */
export function looksLikeConnectionText(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= 4000 && /[:=;\s/]/.test(trimmed) && trimmed.length > 3;
}

/** The fields that a pasted text fills in, and the sentence that says so. A text for another kind of server changes nothing. */
export function applyPastedText<Values extends FormValues>(options: {
  kind: ParsedConnectionText['kind'];
  values: Values;
  parsed: ParsedConnectionText;
}): { changes: Partial<Values>; notice: PasteNotice } {
  const { kind, values, parsed } = options;
  if (parsed.kind !== kind) {
    const text = `The pasted ${parsed.form} belongs to ${SERVER_NAMES[parsed.kind]}, not to ${SERVER_NAMES[kind]}.`;
    return { changes: {}, notice: { tone: 'warning', text } };
  }
  const known = Object.entries(parsed.values).filter(([name]) => name in values);
  const changes = Object.fromEntries(known.map(([name, value]) => [name, String(value)])) as Partial<Values>;
  const labels = known.map(([name]) => FIELD_WORDS[name] ?? name).join(', ');
  const text = `Filled in from the pasted ${parsed.form}: ${labels}. Passwords are not taken from pasted text.`;
  return { changes, notice: { tone: 'ok', text } };
}

const SERVER_NAMES = { redshift: 'Amazon Redshift', sqlserver: 'SQL Server', snowflake: 'Snowflake' } as const;
const FIELD_WORDS: Readonly<Record<string, string>> = {
  host: 'host',
  port: 'port',
  database: 'database',
  user: 'user',
  authKind: 'way to sign in',
  clusterId: 'cluster identifier',
  workgroup: 'workgroup',
  region: 'region',
  dbUser: 'database user',
  profile: 'AWS profile',
  tlsMode: 'TLS mode',
  account: 'account identifier',
  accessUrl: 'account URL',
  role: 'role',
  warehouse: 'warehouse',
};
