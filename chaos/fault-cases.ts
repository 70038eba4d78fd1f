import type { FaultRule } from './environment.ts';
import type { SourceKind, Strategy } from './scenario.ts';

export interface FaultCase {
  name: string;
  rules: FaultRule[];
  /** Ways of the rows that meet it; all by default. */
  source?: SourceKind;
  strategy?: Strategy;
  /**
   * `done`: the run comes to its end in spite of it. A list of error codes: some tables fail or the run pauses with one of them, and going on when the
   * fault is gone brings it to its end.
   */
  expected: 'done' | string[];
  /** The fault must have come so often at least, or the case shows nothing; 1 by default. */
  fires?: number;
}

const onSnowflake = (sql: string, fault: FaultRule['fault'], when: Partial<FaultRule> = { times: 1 }): FaultRule => ({
  target: 'snowflake',
  where: { sql },
  fault,
  ...when,
});
const ERROR = (code: string, message: string, sqlState: string): FaultRule['fault'] => ({
  kind: 'error',
  code,
  message,
  sqlState,
});

/** A statement that reads a partition: every one names its columns c1, c2 and so on. */
const READ = 'SELECT*c1*';

const SNOWFLAKE: FaultCase[] = [
  {
    name: 'Snowflake answers 503 to some requests',
    rules: [onSnowflake('COPY INTO*', { kind: 'error', status: 503 }, { times: 2 })],
    expected: 'done',
  },
  {
    name: 'Snowflake answers 429 to some requests',
    rules: [onSnowflake('UPDATE*', { kind: 'error', status: 429 }, { times: 2 })],
    expected: 'done',
  },
  {
    name: 'the session token expires inside the transaction',
    rules: [onSnowflake('COPY INTO*', { kind: 'expire-session' })],
    expected: 'done',
  },
  {
    name: 'the session is lost inside the transaction, before COPY',
    rules: [onSnowflake('COPY INTO*', { kind: 'lose-session' })],
    expected: 'done',
  },
  {
    name: 'the session is lost inside the transaction, at the ledger',
    rules: [onSnowflake('UPDATE*', { kind: 'lose-session' })],
    expected: 'done',
  },
  {
    name: 'COMMIT is carried out and its answer is lost',
    rules: [onSnowflake('COMMIT*', { kind: 'drop', when: 'after' }, { times: 3 })],
    expected: 'done',
  },
  {
    name: 'COMMIT never reaches Snowflake',
    rules: [onSnowflake('COMMIT*', { kind: 'drop', when: 'before' }, { times: 3 })],
    expected: 'done',
  },
  {
    name: 'the session is lost at COMMIT',
    rules: [onSnowflake('COMMIT*', { kind: 'lose-session' })],
    expected: 'done',
  },
  {
    name: 'COPY refuses a value',
    rules: [
      onSnowflake(
        'COPY INTO*NATION*',
        ERROR('100038', "Numeric value 'x' is not recognized\n  File 'part-0.parquet', line 1, character 1", '22018'),
        { times: 20 },
      ),
    ],
    expected: ['LOAD_REFUSED'],
  },
  {
    name: 'the warehouse is gone',
    rules: [
      onSnowflake(
        'COPY INTO*',
        ERROR(
          '000606',
          "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
          '57P03',
        ),
        { times: 500 },
      ),
    ],
    expected: ['WAREHOUSE_UNUSABLE'],
  },
  {
    name: 'a resource monitor has suspended the warehouse',
    rules: [
      onSnowflake(
        'COPY INTO*',
        ERROR(
          '090073',
          "Warehouse 'MIGRATION_WH' cannot be resumed because resource monitor 'LIMIT' has exceeded its quota.",
          '57014',
        ),
        { times: 500 },
      ),
    ],
    expected: ['WAREHOUSE_UNUSABLE'],
  },
  {
    name: 'a statement reaches its timeout',
    rules: [
      onSnowflake(
        'COPY INTO*',
        ERROR(
          '000630',
          'Statement reached its statement or warehouse timeout of 10 second(s) and was canceled.',
          '57014',
        ),
      ),
    ],
    expected: 'done',
  },
];

const S3: FaultCase[] = [
  {
    name: 'S3 answers 503 SlowDown now and then',
    rules: [{ target: 's3', probability: 0.2, times: 10, fault: { kind: 'error', code: 'SlowDown', status: 503 } }],
    expected: 'done',
  },
  {
    name: 'S3 answers 500 InternalError to reading the manifest',
    rules: [
      {
        target: 's3',
        where: { operation: 'GetObject', key: '*manifest' },
        times: 2,
        fault: { kind: 'error', code: 'InternalError', status: 500 },
      },
    ],
    expected: 'done',
  },
  {
    name: 'S3 is slow',
    rules: [{ target: 's3', where: { operation: 'GetObject' }, times: 10, fault: { kind: 'delay', delayMs: 400 } }],
    expected: 'done',
  },
  {
    name: 'S3 refuses to let the manifest be read, midway',
    rules: [
      {
        target: 's3',
        where: { operation: 'GetObject', key: '*manifest' },
        at: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
        fault: { kind: 'error', code: 'AccessDenied', status: 403 },
      },
    ],
    expected: ['S3_ACCESS_DENIED'],
  },
  {
    name: 'a staged file is gone after the manifest was written',
    rules: [
      {
        target: 's3',
        where: { operation: 'GetObject', key: '*parquet' },
        times: 1,
        fault: { kind: 'error', code: 'NoSuchKey', status: 404 },
      },
    ],
    expected: 'done',
  },
  {
    name: 'the answer to a deletion is lost',
    rules: [{ target: 's3', where: { operation: 'DeleteObjects' }, times: 2, fault: { kind: 'drop', when: 'after' } }],
    expected: 'done',
  },
];

const REDSHIFT: FaultCase[] = [
  {
    name: 'Redshift ends the connection during UNLOAD',
    rules: [{ target: 'redshift', where: { isUnload: true }, times: 2, fault: { kind: 'drop' } }],
    expected: 'done',
  },
  {
    name: 'Redshift is restarted: 57P01 during UNLOAD',
    rules: [
      {
        target: 'redshift',
        where: { isUnload: true },
        times: 2,
        fault: { kind: 'error', code: '57P01', message: 'terminating connection due to administrator command' },
      },
    ],
    expected: 'done',
  },
  {
    name: 'Redshift has no right to write into the bucket',
    rules: [
      {
        target: 'redshift',
        where: { isUnload: true },
        fault: {
          kind: 'error',
          code: 'XX000',
          message: 'S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid ABC,ExtRid DEF,CanRetry 1',
        },
      },
    ],
    expected: ['UNLOAD_S3_DENIED'],
  },
];

const PUT: FaultCase[] = [
  {
    name: 'PUT says that it succeeded and the file is not there',
    rules: [{ target: 'snowflake', where: { method: 'PUT', path: '/gcs/*' }, times: 2, fault: { kind: 'swallow' } }],
    expected: 'done',
  },
  {
    name: 'an upload is cut',
    rules: [
      {
        target: 'snowflake',
        where: { method: 'PUT', path: '/gcs/*' },
        times: 2,
        fault: { kind: 'drop', when: 'before' },
      },
    ],
    expected: 'done',
  },
  {
    name: 'the stage refuses uploads with 403 for a while',
    rules: [
      {
        target: 'snowflake',
        where: { method: 'PUT', path: '/gcs/*' },
        times: 2,
        fault: { kind: 'error', status: 403 },
      },
    ],
    expected: 'done',
  },
];

const READING: FaultCase[] = [
  {
    name: 'Redshift ends the connection while it is read',
    rules: [{ target: 'redshift', where: { sql: READ }, times: 2, fault: { kind: 'drop' } }],
    expected: 'done',
  },
  {
    name: 'Redshift ends a statement that is read: 57014',
    rules: [
      {
        target: 'redshift',
        where: { sql: READ },
        times: 2,
        fault: { kind: 'error', code: '57014', message: "Query cancelled on user's request" },
      },
    ],
    expected: 'done',
  },
];

const SQL_SERVER: FaultCase[] = [
  {
    name: 'SQL Server resets the connection while it is read',
    rules: [{ target: 'sqlserver', where: { sql: READ }, times: 3, fault: { kind: 'reset', afterBytes: 2000 } }],
    expected: 'done',
  },
  {
    name: 'SQL Server chooses a reader as the victim of a deadlock',
    rules: [{ target: 'sqlserver', where: { sql: READ }, times: 3, fault: { kind: 'deadlock', afterRows: 10 } }],
    expected: 'done',
  },
  {
    name: 'an administrator of SQL Server kills the session',
    rules: [{ target: 'sqlserver', where: { sql: READ }, times: 2, fault: { kind: 'kill', afterRows: 5 } }],
    expected: 'done',
  },
  {
    name: 'SQL Server is short of memory',
    rules: [
      {
        target: 'sqlserver',
        where: { sql: READ },
        times: 2,
        fault: {
          kind: 'error',
          number: 701,
          class: 17,
          state: 123,
          text: "There is insufficient system memory in resource pool 'default' to run this query.",
        },
      },
    ],
    expected: 'done',
  },
];

/** Several faults in one run, drawn from the plan's seed. */
const MIXED: FaultCase = {
  name: 'many things fail at once',
  rules: [
    onSnowflake('COPY INTO*', { kind: 'error', status: 503 }, { probability: 0.15, times: 3 }),
    onSnowflake('UPDATE*', { kind: 'lose-session' }, { probability: 0.15, times: 2 }),
    onSnowflake('COMMIT*', { kind: 'drop', when: 'after' }, { probability: 0.2, times: 2 }),
    onSnowflake('COMMIT*', { kind: 'drop', when: 'before' }, { probability: 0.2, times: 2 }),
    { target: 's3', probability: 0.1, times: 4, fault: { kind: 'error', code: 'SlowDown', status: 503 } },
    { target: 'redshift', where: { isUnload: true }, probability: 0.2, times: 2, fault: { kind: 'drop' } },
    { target: 'redshift', where: { sql: READ }, probability: 0.2, times: 2, fault: { kind: 'drop' } },
    { target: 'sqlserver', where: { sql: READ }, probability: 0.2, times: 2, fault: { kind: 'deadlock' } },
    {
      target: 'snowflake',
      where: { method: 'PUT', path: '/gcs/*' },
      probability: 0.2,
      times: 2,
      fault: { kind: 'swallow' },
    },
  ],
  expected: 'done',
};

const FAULT_CASES: FaultCase[] = [
  ...SNOWFLAKE,
  MIXED,
  ...[...S3, ...REDSHIFT].map((one): FaultCase => ({ ...one, strategy: 'unload' })),
  ...PUT.map((one): FaultCase => ({ ...one, strategy: 'regular' })),
  ...READING.map((one): FaultCase => ({ ...one, source: 'redshift', strategy: 'regular' })),
  ...SQL_SERVER.map((one): FaultCase => ({ ...one, source: 'sqlserver' })),
];

export function faultCases(way: { source: SourceKind; strategy: Strategy }): FaultCase[] {
  return FAULT_CASES.filter(
    ({ source = way.source, strategy = way.strategy }) => source === way.source && strategy === way.strategy,
  );
}

/** Every case once, whatever the way: those that all ways meet are dealt out between the two of Redshift. */
export function fewFaultCases(way: { source: SourceKind; strategy: Strategy }): FaultCase[] {
  const isCommon = (one: FaultCase): boolean => !one.source && !one.strategy;
  const common = FAULT_CASES.filter(isCommon);
  const share = way.source === 'sqlserver' ? -1 : way.strategy === 'unload' ? 0 : 1;
  const isOwn = (one: FaultCase): boolean =>
    isCommon(one) ? common.indexOf(one) % 2 === share : way.source === 'redshift' || one.source === 'sqlserver';
  return faultCases(way).filter(isOwn);
}
