/**
 * The one door for every text that leaves a driver, a log or an error. Two nets: values that are known to be secret, and shapes that secrets have.
 * A value is known from the moment it is read from the secret store or typed into a form.
 */
const knownSecrets = new Set<string>();
/** Every spelling of every known secret, longest first: a secret inside a longer one would leave the rest of it to be read. */
let spellings: string[] = [];
const SHORTEST_SECRET = 4;
const MASK = '***';

/** Each is linear in the length of the text: what a page or a server sends must not hold up the app. */
const SHAPES: [RegExp, string][] = [
  [
    /(aws_secret_access_key|secret_access_key|session_token|aws_secret_key|aws_token|aws_key_id|access_key_id)((?:\s*=)?\s*)'(?:[^']|'')*'+/gi,
    `$1$2'${MASK}'`,
  ],
  [/(aws_secret_access_key|aws_access_key_id|token|master_symmetric_key)=([^;'"\s]+)/gi, `$1=${MASK}`],
  [/\b(password|pwd|passwd|passcode|token|secret)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s;,&"']+)/gi, `$1$2${MASK}`],
  [/(:\/\/[^:/?#\s@]+:)[^@/\s]+@/g, `$1${MASK}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, MASK],
  [/(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"']+/gi, `$1${MASK}`],
];

/** Makes a value known as secret for the life of the process. Values under four characters are left out: they would eat ordinary words. */
export function rememberSecret(value: string | null | undefined): void {
  if (!value || value.length < SHORTEST_SECRET || knownSecrets.has(value)) return;
  knownSecrets.add(value);
  spellings = [...new Set([...spellings, ...spellingsOf(value)])].sort((one, other) => other.length - one.length);
}

/** The text without known secrets and without what looks like one. */
export function redact(text: string): string {
  let result = text;
  for (const spelling of spellings) result = result.replaceAll(spelling, MASK);
  for (const [shape, replacement] of SHAPES) result = result.replace(shape, replacement);
  return result;
}

/** As it is, in SQL, in JSON (a line of the log), in a URL and in a form's body. */
function spellingsOf(secret: string): string[] {
  // Half a surrogate pair, which encodeURIComponent refuses, becomes a replacement character as URLSearchParams makes it.
  const whole = secret.replace(/\p{Surrogate}/gu, '\ufffd');
  return [
    secret,
    secret.replaceAll("'", "''"),
    secret.replaceAll('\\', '\\\\').replaceAll("'", "''"),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(whole),
    new URLSearchParams({ s: secret }).toString().slice(2),
  ];
}
