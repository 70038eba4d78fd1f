/** A URL-like connection text, split without judging its parts. */
export interface ConnectionUrl {
  /** Lower case, sub-protocols included: `jdbc:redshift:iam`. */
  scheme: string;
  user: string;
  host: string;
  port: number | null;
  path: string[];
  parameters: Map<string, string>;
}

/** Splits `scheme://user:password@host:port/path?a=b&c=d`, with JDBC's `;a=b` as well. The password is dropped. Null when it is no such text. */
export function splitUrl(text: string): ConnectionUrl | null {
  const match = /^([a-z][a-z0-9+.:-]*):\/\/([^/?;]*)([^?;]*)[?;]?(.*)$/is.exec(text.trim());
  if (!match) return null;
  const [, scheme = '', authority = '', path = '', query = ''] = match;
  const at = authority.lastIndexOf('@');
  const address = splitAddress(authority.slice(at + 1));
  return {
    scheme: scheme.toLowerCase(),
    user: at < 0 ? '' : decode(authority.slice(0, at).split(':')[0] ?? ''),
    ...address,
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decode),
    parameters: parsePairs(query, /[&;]/, decode),
  };
}

export function splitAddress(address: string): { host: string; port: number | null } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(address.trim());
  const plain = /^([^:,]*)(?:[:,]\s*(\d+))?$/.exec(address.trim());
  const match = bracketed ?? plain;
  return { host: match?.[1]?.trim() ?? address.trim(), port: match?.[2] === undefined ? null : Number(match[2]) };
}

/** `Key=value;Key={va;lue}`: keys in lower case without blanks and underscores, the first of equal keys counts. */
export function parsePairs(
  text: string,
  separator: RegExp,
  transform: (value: string) => string = (value) => value,
): Map<string, string> {
  const pairs = new Map<string, string>();
  const whole = new RegExp(
    `\\s*([^=]+?)\\s*=\\s*(\\{[^}]*\\}|"[^"]*"|'[^']*'|(?:(?!${separator.source}).)*)(?:${separator.source}|$)`,
    'gsy',
  );
  for (let match = whole.exec(text); match; match = whole.exec(text)) {
    const key = (match[1] ?? '').toLowerCase().replace(/[\s_]/g, '');
    const value = (match[2] ?? '').trim().replace(/^\{(.*)\}$|^"(.*)"$|^'(.*)'$/s, '$1$2$3');
    if (!pairs.has(key)) pairs.set(key, transform(value));
  }
  return pairs;
}

/** The words of a command line, quotes taken off. */
export function splitArguments(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/** Values of options like `-h host`, `-hhost`, `--host host` and `--host=host`; what is no option is in `rest`. */
export function readOptions(
  words: string[],
  names: Record<string, string>,
): { options: Map<string, string>; rest: string[] } {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const long = /^--([a-z-]+)(?:=(.*))?$/s.exec(word);
    const short = /^-([A-Za-z])(.*)$/s.exec(word);
    const name = names[optionName(long?.[1], short?.[1])];
    if (name === undefined) {
      if (!word.startsWith('-')) rest.push(word);
      continue;
    }
    const attached = long ? long[2] : short?.[2];
    const value = attached === undefined || attached === '' ? words[++index] : attached;
    if (value !== undefined && !options.has(name)) options.set(name, value);
  }
  return { options, rest };
}

function optionName(long: string | undefined, short: string | undefined): string {
  if (long !== undefined) return `--${long}`;
  return short === undefined ? '' : `-${short}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
