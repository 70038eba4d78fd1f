import type { SecretSlot } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import type { Pause } from '#shared/model/run';
import { neededSecrets } from '../wizard/needed-secrets.ts';

/**
 * Which secrets a paused run asks for: those that its cause names and, when one is missing, all that the project needs and does not have, so that they
 * are asked for once and not one after the other.
 */
export function wantedSecrets(
  pause: Pick<Pause, 'secrets' | 'error'>,
  project: Pick<Project, 'source' | 'snowflake' | 'staging' | 'strategy'>,
  isSet: Partial<Record<SecretSlot, boolean>> | undefined,
): SecretSlot[] {
  const isMissing = pause.error?.code === 'SECRET_MISSING';
  const missing = isMissing && isSet !== undefined ? neededSecrets(project).filter((slot) => isSet[slot] !== true) : [];
  return [...new Set([...pause.secrets, ...missing])];
}
