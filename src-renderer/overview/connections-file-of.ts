import { SECRET_SLOTS, type SecretSlot } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';

/**
 * The file for `--connections` as text: the settings of the project, and for each secret that is set the name of an environment variable in its place.
 * The values of secrets are not known to the window.
 */
export function connectionsFileOf(
  { source, snowflake, staging, strategy }: Pick<Project, 'source' | 'snowflake' | 'staging' | 'strategy'>,
  isSet: Partial<Record<SecretSlot, boolean>>,
): string {
  const secrets = Object.fromEntries(
    SECRET_SLOTS.filter((slot) => isSet[slot] === true).map((slot) => [slot, { env: variableOf(slot) }]),
  );
  const file = { source, snowflake, ...(strategy === 'unload' && { staging }), secrets };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** `source.clientSecret` becomes `SNOWFERRY_SOURCE_CLIENT_SECRET`. */
function variableOf(slot: SecretSlot): string {
  const words = slot.replace(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_');
  return `SNOWFERRY_${words.toUpperCase()}`;
}
