/**
 * The one door for every text that leaves a driver, a log or an error. Two nets: values that are known to be secret, and shapes that secrets have.
 * A value is known from the moment it is read from the secret store or typed into a form.
 */
const knownSecrets = new Set<string>();
const SHORTEST_SECRET = 4;
const MASK = '***';

const SHAPES: [RegExp, string][] = [
  [
    /(aws_secret_access_key|secret_access_key|session_token|aws_secret_key|aws_token|aws_key_id|access_key_id)(\s*=?\s*)'(?:[^']|'')*'+/gi,
    `$1$2'${MASK}'`,
  ],
  [/(aws_secret_access_key|aws_access_key_id|token|master_symmetric_key)=([^;'"\s]+)/gi, `$1=${MASK}`],
  [/\b(password|pwd|passwd|passcode|token|secret)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s;,&"']+)/gi, `$1$2${MASK}`],
  [/(:\/\/[^:/?#\s@]+:)[^@/\s]+@/g, `$1${MASK}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, MASK],
  [/(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"']+/gi, `$1${MASK}`],
];

/** Makes a value known as secret for the life of the process. Values under four characters are left out: they would eat ordinary words. */
export function rememberSecret(value: string | null | undefined): void {
  if (!value || value.length < SHORTEST_SECRET) return;
  knownSecrets.add(value);
}

/** The text without known secrets and without what looks like one. */
export function redact(text: string): string {
  let result = text;
  for (const secret of knownSecrets) {
    result = result.replaceAll(secret, MASK);
    result = result.replaceAll(secret.replaceAll("'", "''"), MASK);
    result = result.replaceAll(encodeURIComponent(secret), MASK);
  }
  for (const [shape, replacement] of SHAPES) result = result.replace(shape, replacement);
  return result;
}
