import type { SecretSlot } from '#shared/model/connection-settings';
import type { Pause, RunSnapshot, Side } from '#shared/model/run';
import { formatCount } from '#shared/format/count';

export const SIDE_NAMES = {
  source: 'the source',
  snowflake: 'Snowflake',
  staging: 'the S3 bucket',
  machine: 'this computer',
} as const satisfies Record<Side, string>;

/** How a form asks for a new value of each secret. */
export const SECRET_LABELS = {
  'source.password': 'Password of the source',
  'source.token': 'Access token of the source',
  'source.clientSecret': 'Client secret of the source',
  'source.awsSecretAccessKey': 'Secret access key of the source',
  'source.awsSessionToken': 'Session token of the source',
  'snowflake.password': 'Password for Snowflake',
  'snowflake.privateKey': 'Private key for Snowflake',
  'snowflake.privateKeyPassphrase': 'Passphrase of the private key',
  'snowflake.token': 'Token for Snowflake',
  'snowflake.proxyPassword': 'Password of the proxy',
  's3.secretAccessKey': 'Secret access key of the bucket',
  's3.sessionToken': 'Session token of the bucket',
} as const satisfies Record<SecretSlot, string>;

/** What a run that stands still says of itself: why, what is done and what is left. Null for a run that moves or is over. */
export function pauseSentence(
  snapshot: Pick<RunSnapshot, 'state' | 'totals'> & { pause: Pick<Pause, 'cause' | 'side'> | null },
): { title: string; text: string } | null {
  const { state, totals, pause } = snapshot;
  if (state !== 'paused' && state !== 'interrupted') return null;
  const left = totals.tables - totals.tablesLoaded;
  const rest =
    `${formatCount(totals.loadedRows)} rows are loaded, ${countOf(totals.tablesLoaded, 'table is', 'tables are')} complete and ` +
    `${countOf(left, 'table is', 'tables are')} left. Resume goes on with what is left; partitions that are loaded stay as they are.`;
  return state === 'interrupted'
    ? { title: 'The run was interrupted before its end', text: rest }
    : { title: titleOf(pause), text: rest };
}

function titleOf(pause: Pick<Pause, 'cause' | 'side'> | null): string {
  switch (pause?.cause) {
    case 'needs-you':
      return 'The run is paused: it needs you';
    case 'unreachable':
      return `The run is paused: ${pause.side === null ? 'a server' : SIDE_NAMES[pause.side]} did not come back in time`;
    case 'lease-held':
      return 'The run is at work in another window';
    case 'lease-lost':
      return 'Another window took the run over';
    case 'tables-paused':
      return 'Only paused tables are left';
    case 'too-many-failures':
      return 'The run is paused: too many tables failed';
    default:
      return 'The run is paused';
  }
}

function countOf(number: number, one: string, many: string): string {
  return `${formatCount(number)} ${number === 1 ? one : many}`;
}
