/** What an error answer needs beside its text. `line` and `position` are the vendor's: line from 1, position from 0. */
export interface ErrorPlace {
  line: number;
  position: number;
}

/**
 * An error as Snowflake answers it: six-digit code, SQLSTATE and the vendor's text.
 * Compilation errors carry the prefix "SQL compilation error:" in the text, as the vendor's do.
 */
export class SnowflakeError extends Error {
  readonly code: string;
  readonly sqlState: string;
  readonly place: ErrorPlace | undefined;

  constructor(code: string, sqlState: string, message: string, place?: ErrorPlace) {
    super(message);
    this.name = 'SnowflakeError';
    this.code = code;
    this.sqlState = sqlState;
    this.place = place;
  }
}

const compilation = (text: string): string => `SQL compilation error:\n${text}`;
const at = (place: ErrorPlace | undefined): string =>
  place ? `error line ${place.line} at position ${place.position}\n` : '';

/** The texts of the errors that more than one file raises. */
export const errors = {
  syntax: (token: string, place: ErrorPlace) =>
    new SnowflakeError(
      '001003',
      '42000',
      compilation(`syntax error line ${place.line} at position ${place.position} unexpected '${token}'.`),
      place,
    ),
  doesNotExist: (what: string, name: string) =>
    new SnowflakeError('002003', '42S02', compilation(`${what} '${name}' does not exist or not authorized.`)),
  /** SHOW, USE and DDL say 002043 where queries say 002003. */
  doesNotExistOrOperation: () =>
    new SnowflakeError('002043', '02000', compilation('Object does not exist, or operation cannot be performed.')),
  alreadyExists: (name: string) =>
    new SnowflakeError('002002', '42710', compilation(`Object '${name}' already exists.`)),
  invalidIdentifier: (name: string, place?: ErrorPlace) =>
    new SnowflakeError('000904', '42000', compilation(`${at(place)}invalid identifier '${name}'`), place),
  ambiguousColumn: (name: string, place?: ErrorPlace) =>
    new SnowflakeError('001104', '42601', compilation(`${at(place)}ambiguous column name '${name}'`), place),
  unknownFunction: (name: string) => new SnowflakeError('002140', '42601', compilation(`Unknown function ${name}`)),
  noDatabase: () =>
    new SnowflakeError(
      '090105',
      '22000',
      "Cannot perform operation. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
    ),
  noSchema: () =>
    new SnowflakeError(
      '090106',
      '22000',
      "Cannot perform operation. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.",
    ),
  noWarehouse: () =>
    new SnowflakeError(
      '000606',
      '57P03',
      "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
    ),
  insufficientPrivileges: (domain: string, name: string) =>
    new SnowflakeError(
      '003001',
      '42501',
      `SQL access control error:\nInsufficient privileges to operate on ${domain} '${name}'.`,
    ),
  unsupported: (what: string) => new SnowflakeError('000002', '0A000', compilation(`Unsupported feature '${what}'.`)),
  /** The stand-in does not know what the vendor does know: said plainly, never guessed. */
  notInPractice: (what: string) =>
    new SnowflakeError('000002', '0A000', `Unsupported feature: the practice environment does not know ${what}.`),
  canceled: () => new SnowflakeError('000604', '57014', 'SQL execution canceled'),
} as const;

const MARK = 'SNOWFLAKE\u0001';

/** The text that a DuckDB function throws so that `fromDuckDb` gives back the vendor's error. */
export function engineErrorText(code: string, sqlState: string, message: string): string {
  return `${MARK}${code}\u0001${sqlState}\u0001${message}\u0002`;
}

/**
 * Turns whatever DuckDB threw into the vendor's error. Errors that the translated SQL raised on purpose keep their code;
 * an overflow becomes 100039/22003-like texts; anything else is an internal error with DuckDB's own words, so that a
 * translation mistake is seen and not taken for the vendor's behaviour.
 */
export function fromDuckDb(error: unknown): SnowflakeError {
  if (error instanceof SnowflakeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const start = text.indexOf(MARK);
  if (start >= 0) {
    const end = text.indexOf('\u0002', start);
    const [code, sqlState, message] = text.slice(start + MARK.length, end < 0 ? undefined : end).split('\u0001');
    return new SnowflakeError(code ?? '000603', sqlState ?? 'XX000', message ?? text);
  }
  if (/INTERRUPT/i.test(text)) return errors.canceled();
  const range = outOfRange(text);
  if (range) return range;
  const key = /column "?([^"\s]+)"? must appear in the GROUP BY clause/i.exec(text);
  if (key) return new SnowflakeError('000979', '42601', compilation(`[${key[1]}] is not a valid group by expression`));
  return new SnowflakeError('000603', 'XX000', `SQL execution internal error: ${text}`);
}

/** How many bytes the vendor keeps a number of so many digits in; its texts show it. */
function storageOf(precision: number): string {
  return precision <= 2 ? 'SB1' : precision <= 4 ? 'SB2' : precision <= 9 ? 'SB4' : precision <= 18 ? 'SB8' : 'SB16';
}

function outOfRange(text: string): SnowflakeError | undefined {
  const made = (precision: number, scale: number, value: string): SnowflakeError =>
    new SnowflakeError(
      '100046',
      '22003',
      `Number out of representable range: type FIXED[${storageOf(precision)}](${precision},${scale}){nullable}, value ${value}`,
    );
  const cast =
    /Casting value "([^"]*)" to type DECIMAL\((\d+),(\d+)\)|Could not (?:cast|convert) (?:value )?(\S+) (?:from \w+ )?to DECIMAL\((\d+),(\d+)\)/i.exec(
      text,
    );
  if (cast) return made(Number(cast[2] ?? cast[5]), Number(cast[3] ?? cast[6]), cast[1] ?? cast[4] ?? '');
  const sum = /Overflow in \w+ of [^(]*(?:\(\d+\) )?\(([^)]*)\)/i.exec(text);
  if (sum) return made(38, 0, sum[1] ?? '');
  return /out of range/i.test(text) && /Conversion Error|Out of Range Error/.test(text) ? made(38, 0, '') : undefined;
}
