/**
 * A text by which two settings are told apart: a test or check holds as long as the digest of what it tested equals that of what is set now.
 * Keys are sorted, `undefined` is left out, and so is the MFA passcode, which belongs to one login and not to the settings. `null` for no settings.
 */
export function settingsDigest(settings: unknown): string {
  return JSON.stringify(canonical(settings)) ?? 'null';
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .filter(([key, entry]) => entry !== undefined && key !== 'passcode')
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, canonical(entry)]));
}
