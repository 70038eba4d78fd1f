import type { SqlMessage } from '../engine-contract.ts';

/** An error of the server, with the vendor's number, class (severity), state and text. */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  /** Of the batch, from 1; 0 until it is known. */
  line: number;

  constructor(number: number, message: string, options: { severity?: number; state?: number; line?: number } = {}) {
    super(message);
    this.number = number;
    this.severity = options.severity ?? 16;
    this.state = options.state ?? 1;
    this.line = options.line ?? 0;
  }
}

export function toMessage(error: SqlError, line: number): SqlMessage {
  const { number, state, severity, message } = error;
  return { number, state, class: severity, message, procedure: '', line: error.line || line };
}

/**
 * The vendor's errors: https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors. What the stand-in has no
 * answer for is `unsupported`, number 40000, so that no wrong answer passes for one.
 */
export const errors = {
  unsupported: (what: string) =>
    new SqlError(40_000, `The practice SQL Server does not support ${what}.`, { severity: 16 }),
  ambiguousColumn: (name: string) => new SqlError(209, `Ambiguous column name '${name}'.`),
  unknownColumn: (name: string) => new SqlError(207, `Invalid column name '${name}'.`),
  unboundIdentifier: (name: string) => new SqlError(4104, `The multi-part identifier "${name}" could not be bound.`),
  unknownObject: (name: string) => new SqlError(208, `Invalid object name '${name}'.`),
  unknownFunction: (name: string) =>
    new SqlError(195, `'${name}' is not a recognized built-in function name.`, { severity: 15, state: 10 }),
  undeclaredVariable: (name: string) =>
    new SqlError(137, `Must declare the scalar variable "${name}".`, { severity: 15, state: 2 }),
  argumentCount: (name: string, count: number) =>
    new SqlError(174, `The ${name.toLowerCase()} function requires ${count} argument(s).`, { severity: 15 }),
  argumentRange: (name: string, low: number, high: number) =>
    new SqlError(189, `The ${name.toLowerCase()} function requires ${low} to ${high} arguments.`, { severity: 15 }),
  argumentType: (type: string, position: number, name: string) =>
    new SqlError(
      8116,
      `Argument data type ${type} is invalid for argument ${position} of ${name.toLowerCase()} function.`,
    ),
  incompatibleTypes: (left: string, right: string, operator: string) =>
    new SqlError(402, `The data types ${left} and ${right} are incompatible in the ${operator} operator.`),
  invalidOperator: (type: string, operator: string) =>
    new SqlError(8117, `Operand data type ${type} is invalid for ${operator} operator.`),
  operandClash: (left: string, right: string) =>
    new SqlError(206, `Operand type clash: ${left} is incompatible with ${right}`, { state: 2 }),
  notComparable: () =>
    new SqlError(
      306,
      'The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator.',
      { state: 2 },
    ),
  xmlNotComparable: () =>
    new SqlError(305, 'The xml data type cannot be compared or sorted, except when using the IS NULL operator.'),
  noImplicitConversion: (from: string, to: string) =>
    new SqlError(
      257,
      `Implicit conversion from data type ${from} to ${to} is not allowed. Use the CONVERT function to run this query.`,
      { state: 3 },
    ),
  noExplicitConversion: (from: string, to: string) =>
    new SqlError(529, `Explicit conversion from data type ${from} to ${to} is not allowed.`, { state: 2 }),
  conversionFailed: (from: string, value: string, to: string) =>
    new SqlError(245, `Conversion failed when converting the ${from} value '${value}' to data type ${to}.`),
  toNumeric: (from: string) => new SqlError(8114, `Error converting data type ${from} to ${to(from)}.`, { state: 5 }),
  errorConverting: (from: string, target: string) =>
    new SqlError(8114, `Error converting data type ${from} to ${target}.`, { state: 5 }),
  overflowConverting: (target: string) =>
    new SqlError(8115, `Arithmetic overflow error converting expression to data type ${target}.`, { state: 2 }),
  overflowFromTo: (from: string, target: string) =>
    new SqlError(8115, `Arithmetic overflow error converting ${from} to data type ${target}.`, { state: 8 }),
  smallOverflow: (type: string, value: string) =>
    new SqlError(220, `Arithmetic overflow error for data type ${type}, value = ${value}.`),
  divideByZero: () => new SqlError(8134, 'Divide by zero error encountered.'),
  dateFromText: () => new SqlError(241, 'Conversion failed when converting date and/or time from character string.'),
  dateOutOfRange: (from: string, target: string) =>
    new SqlError(
      242,
      `The conversion of a ${from} data type to a ${target} data type resulted in an out-of-range value.`,
      {
        state: 3,
      },
    ),
  guidFromText: () =>
    new SqlError(8169, 'Conversion failed when converting from a character string to uniqueidentifier.', { state: 2 }),
  dateOverflow: (type: string) => new SqlError(517, `Adding a value to a '${type}' column caused an overflow.`),
  permissionDenied: (options: { permission: string; object: string; database: string; schema: string }) =>
    new SqlError(
      229,
      `The ${options.permission} permission was denied on the object '${options.object}', database '${options.database}', schema '${options.schema}'.`,
      { severity: 14, state: 5 },
    ),
  noDatabase: (name: string) =>
    new SqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`),
  noDatabaseAccess: (login: string, database: string) =>
    new SqlError(
      916,
      `The server principal "${login}" is not able to access the database "${database}" under the current security context.`,
      { severity: 14 },
    ),
  notGrouped: (name: string) =>
    new SqlError(
      8120,
      `Column '${name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ),
  interrupted: () => new SqlError(3617, 'The attention was received.', { severity: 0 }),
} as const;

function to(from: string): string {
  return from === 'numeric' ? 'decimal' : 'numeric';
}

const MARK = '#TSQL#';

/** The text under which an error travels through DuckDB; `fromDuckDb` reads it again. */
export function travelText(error: SqlError): string {
  const { number, severity, state, message } = error;
  return `${MARK}${Buffer.from(JSON.stringify({ number, severity, state, message })).toString('base64')}${MARK}`;
}

const DUCK_TYPES: Readonly<Record<string, string>> = {
  UINT8: 'tinyint',
  INT8: 'tinyint',
  INT16: 'smallint',
  INT32: 'int',
  INT64: 'bigint',
  INT128: 'numeric',
  FLOAT: 'real',
  DOUBLE: 'float',
};

/** An error of DuckDB as the vendor's; what has no counterpart is an internal error that says what DuckDB said. */
export function fromDuckDb(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const own = new RegExp(`${MARK}([A-Za-z0-9+/=]+)${MARK}`).exec(text)?.[1];
  if (own !== undefined) {
    const { number, message, severity, state } = JSON.parse(Buffer.from(own, 'base64').toString('utf8')) as SqlError;
    return new SqlError(number, message, { severity, state });
  }
  if (/INTERRUPT|Interrupted/.test(text)) return errors.interrupted();
  const operation = /Overflow in \w+ of (\w+)/.exec(text)?.[1];
  if (operation !== undefined) return errors.overflowConverting(DUCK_TYPES[operation] ?? 'numeric');
  const target = /destination type (\w+)/.exec(text)?.[1];
  if (target !== undefined) return errors.overflowConverting(DUCK_TYPES[target] ?? 'numeric');
  if (
    /Could not cast value .* to DECIMAL|Overflow in .*DECIMAL|DECIMAL.*out of range|Casting value .* to type DECIMAL/s.test(
      text,
    )
  ) {
    return errors.overflowConverting('numeric');
  }
  if (/More than one row returned by a subquery/.test(text)) {
    return new SqlError(
      512,
      'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
    );
  }
  if (/Conflict on|write-write conflict|Transaction conflict/i.test(text)) {
    return new SqlError(
      3960,
      'Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access the table directly or indirectly to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.',
      { state: 2 },
    );
  }
  return new SqlError(40_000, `The practice SQL Server failed: ${text}`, { severity: 16 });
}
