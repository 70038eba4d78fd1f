import { SnowflakeError } from '../errors.ts';
import { isTimezone } from '../values/timezone.ts';

export interface ParameterDefinition {
  value: string;
  type: 'STRING' | 'NUMBER' | 'BOOLEAN';
  description: string;
}

const text = (value: string, description: string): ParameterDefinition => ({ value, type: 'STRING', description });
const number = (value: number, description: string): ParameterDefinition => ({
  value: String(value),
  type: 'NUMBER',
  description,
});
const flag = (value: boolean, description: string): ParameterDefinition => ({
  value: String(value),
  type: 'BOOLEAN',
  description,
});

/** Session parameters and the vendor's defaults. https://docs.snowflake.com/en/sql-reference/parameters */
export const PARAMETERS: Record<string, ParameterDefinition> = {
  ABORT_DETACHED_QUERY: flag(
    false,
    'If true, Snowflake will automatically abort queries when it detects that the client has disappeared.',
  ),
  AUTOCOMMIT: flag(
    true,
    'The autocommit property determines whether is statement should to be implicitly wrapped within a transaction or not.',
  ),
  BINARY_INPUT_FORMAT: text('HEX', 'input format for binary'),
  BINARY_OUTPUT_FORMAT: text('HEX', 'display format for binary'),
  CLIENT_RESULT_CHUNK_SIZE: number(160, 'Set the max result chunk size in MB on the client side'),
  CLIENT_SESSION_KEEP_ALIVE: flag(false, 'If true, client session will not expire automatically'),
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: number(
    3600,
    'Heartbeat frequency in seconds for CLIENT_SESSION_KEEP_ALIVE.',
  ),
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: number(65280, 'Number of values above which array binds go through a stage'),
  CLIENT_TIMESTAMP_TYPE_MAPPING: text(
    'TIMESTAMP_LTZ',
    'If a variable is bound to the TIMESTAMP data type using the bind API determines which TIMESTAMP* type it should map to',
  ),
  DATE_INPUT_FORMAT: text('AUTO', 'input format for date'),
  DATE_OUTPUT_FORMAT: text('YYYY-MM-DD', 'display format for date'),
  ERROR_ON_NONDETERMINISTIC_MERGE: flag(
    true,
    'raise an error when attempting to merge-update a row that joins many rows',
  ),
  ERROR_ON_NONDETERMINISTIC_UPDATE: flag(false, 'raise an error when attempting to update a row that joins many rows'),
  JS_TREAT_INTEGER_AS_BIGINT: flag(false, 'If true, the nodejs client will convert all integer columns to bigint type'),
  LOCK_TIMEOUT: number(43_200, 'Number of seconds to wait while trying to lock a resource'),
  MULTI_STATEMENT_COUNT: number(1, 'Number of statement included in submitted query text'),
  QUERY_TAG: text('', 'String (up to 2000 characters) used to tag statements executed by the session'),
  QUOTED_IDENTIFIERS_IGNORE_CASE: flag(false, 'If true, the case of quoted identifiers is ignored'),
  ROWS_PER_RESULTSET: number(0, 'maximum number of rows in a result set'),
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: number(0, 'Timeout in seconds for queued statements'),
  STATEMENT_TIMEOUT_IN_SECONDS: number(172_800, 'Timeout in seconds for statements'),
  STRICT_JSON_OUTPUT: flag(false, 'JSON output is strictly compliant to the specification'),
  TIMESTAMP_DAY_IS_ALWAYS_24H: flag(false, 'If set, arithmetic on days always uses 24 hours per day'),
  TIMESTAMP_INPUT_FORMAT: text('AUTO', 'input format for timestamp'),
  TIMESTAMP_LTZ_OUTPUT_FORMAT: text(
    '',
    'Display format for TIMESTAMP_LTZ values. If empty, TIMESTAMP_OUTPUT_FORMAT is used.',
  ),
  TIMESTAMP_NTZ_OUTPUT_FORMAT: text(
    'YYYY-MM-DD HH24:MI:SS.FF3',
    'Display format for TIMESTAMP_NTZ values. If empty, TIMESTAMP_OUTPUT_FORMAT is used.',
  ),
  TIMESTAMP_OUTPUT_FORMAT: text('YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM', 'Default display format for all timestamp types.'),
  TIMESTAMP_TYPE_MAPPING: text(
    'TIMESTAMP_NTZ',
    'If TIMESTAMP type is used, what specific TIMESTAMP* type it should map to',
  ),
  TIMESTAMP_TZ_OUTPUT_FORMAT: text(
    '',
    'Display format for TIMESTAMP_TZ values. If empty, TIMESTAMP_OUTPUT_FORMAT is used.',
  ),
  TIMEZONE: text('America/Los_Angeles', 'time zone'),
  TIME_INPUT_FORMAT: text('AUTO', 'input format for time'),
  TIME_OUTPUT_FORMAT: text('HH24:MI:SS', 'display format for time'),
  TRANSACTION_ABORT_ON_ERROR: flag(
    false,
    'If this parameter is true, and a statement issued within a non-autocommit transaction returns with an error, then the non-autocommit transaction is aborted.',
  ),
  TRANSACTION_DEFAULT_ISOLATION_LEVEL: text('READ COMMITTED', 'The default isolation level'),
  TWO_DIGIT_CENTURY_START: number(1970, 'For 2-digit dates, defines a century-start year.'),
  UNSUPPORTED_DDL_ACTION: text('ignore', 'The action to take upon encountering an unsupported ddl statement'),
  USE_CACHED_RESULT: flag(
    true,
    'If enabled, query results can be reused between successive invocations of the same query',
  ),
  WEEK_OF_YEAR_POLICY: number(0, 'Defines the policy of assigning weeks to years'),
  WEEK_START: number(0, 'Defines the first day of the week'),
};

/** Clients may send parameters of their own; they are kept and echoed, as the vendor does for client parameters. */
const isClientParameter = (name: string): boolean =>
  name.startsWith('CLIENT_') ||
  name.startsWith('JS_') ||
  name.startsWith('QUERY_CONTEXT') ||
  name === 'SERVICE_NAME' ||
  name.startsWith('ENABLE_');

/** Effects that the stand-in cannot give: setting them to another value is refused, not ignored. */
const FIXED = new Set(['WEEK_START', 'WEEK_OF_YEAR_POLICY', 'TWO_DIGIT_CENTURY_START', 'TIMESTAMP_TYPE_MAPPING']);

/** The value to store. @throws 001003/001007-like for an unknown parameter or a value of the wrong type */
export function checkParameter(name: string, value: string): string {
  const known = PARAMETERS[name];
  if (!known) {
    if (isClientParameter(name)) return value;
    throw new SnowflakeError('001006', '42501', `SQL compilation error:\ninvalid parameter '${name}'`);
  }
  const invalid = (): SnowflakeError =>
    new SnowflakeError('001008', '22023', `SQL compilation error:\ninvalid value [${value}] for parameter '${name}'`);
  if (known.type === 'BOOLEAN') {
    const lower = value.toLowerCase();
    if (!['true', 'false', '0', '1'].includes(lower)) throw invalid();
    return lower === 'true' || lower === '1' ? 'true' : 'false';
  }
  if (known.type === 'NUMBER' && !/^\d+$/.test(value)) throw invalid();
  if (name === 'TIMEZONE' && !isTimezone(value)) throw invalid();
  if (name === 'QUERY_TAG' && value.length > 2000) throw invalid();
  if (FIXED.has(name) && value.toUpperCase() !== known.value.toUpperCase()) {
    throw new SnowflakeError(
      '000002',
      '0A000',
      `Unsupported feature: the practice environment knows ${name} = ${known.value} only.`,
    );
  }
  return value;
}

export function parameterOf(parameters: Map<string, string>, name: string): string {
  return parameters.get(name) ?? PARAMETERS[name]?.value ?? '';
}

/** The list that each answer carries; the client formats by it. */
export function echoParameters(parameters: Map<string, string>): { name: string; value: string | number | boolean }[] {
  const names = new Set([...Object.keys(PARAMETERS), ...parameters.keys()]);
  return [...names].map((name) => {
    const value = parameterOf(parameters, name);
    const type = PARAMETERS[name]?.type;
    if (type === 'BOOLEAN') return { name, value: value === 'true' };
    return { name, value: type === 'NUMBER' ? Number(value) : value };
  });
}
