import { afterEach, describe, expect, it } from 'vitest';
import type { LedgerRow, Target } from '../target.ts';
import { createSnowflakeTarget } from './snowflake-target.ts';
import {
  startScriptedAccount,
  type ScriptedAccount,
  type ScriptedAnswer,
  type ScriptedStatement,
} from './testing/scripted-account.ts';
import { settingsFor } from './testing/settings.ts';

let account: ScriptedAccount | null = null;
let target: Target | null = null;

afterEach(async () => {
  await target?.close();
  await account?.close();
  target = null;
  account = null;
});

type Rule = [RegExp, ScriptedAnswer | ((statement: ScriptedStatement) => ScriptedAnswer)];

async function open(rules: Rule[]): Promise<Target> {
  account = await startScriptedAccount({
    statement: (statement) => {
      const answer = rules.find(([pattern]) => pattern.test(statement.sql))?.[1];
      return typeof answer === 'function' ? answer(statement) : (answer ?? { columns: ['status'], rows: [['ok']] });
    },
  });
  target = createSnowflakeTarget({ settings: settingsFor(account.url), secrets: { 'snowflake.password': 'pw-pw' } });
  return target;
}

/** Statements after the session's set-up. */
function statements(): string[] {
  return (account?.statements ?? []).map(({ sql }) => sql).filter((sql) => !/ALTER SESSION|CURRENT_SESSION/.test(sql));
}

const signal = new AbortController().signal;
const missing = {
  error: {
    code: '002003',
    message: "SQL compilation error:\nObject 'X' does not exist or not authorized.",
    sqlState: '42S02',
  },
};
const denied = {
  error: {
    code: '003001',
    message: "SQL access control error:\nInsufficient privileges to operate on account 'A'.",
    sqlState: '42501',
  },
};
const empty = { columns: ['name'], rows: [] };

describe('listing', () => {
  it('lists stages with URL and integration, sorted by name', async () => {
    const connected = await open([
      [
        /^SHOW STAGES/,
        {
          columns: ['created_on', 'name', 'database_name', 'schema_name', 'url', 'type', 'storage_integration'],
          rows: [
            ['', 'Z', 'DB', 'S', '', 'INTERNAL', null],
            ['', 'A', 'DB', 'S', 's3://bucket/x/', 'EXTERNAL', 'INT'],
          ],
        },
      ],
    ]);
    expect(await connected.list({ what: 'stages', database: 'DB', schema: 'my "S"' }, { signal })).toEqual([
      { name: 'A', detail: 'integration INT', url: 's3://bucket/x/' },
      { name: 'Z', detail: 'internal', url: null },
    ]);
    expect(statements()).toEqual(['SHOW STAGES IN SCHEMA "DB"."my ""S"""']);
  });

  it('goes on from the last name when SHOW is full', async () => {
    const page = Array.from({ length: 10_000 }, (_, index) => [`D${String(index).padStart(5, '0')}`]);
    const connected = await open([
      [/LIMIT 10000 FROM 'D09999'$/, { columns: ['name'], rows: [['D09999'], ['LAST']] }],
      [/^SHOW DATABASES/, { columns: ['name'], rows: page }],
    ]);
    expect(await connected.list({ what: 'databases' }, { signal })).toHaveLength(10_001);
  });

  it('pages from the start when SHOW refuses a list that is too long', async () => {
    const connected = await open([
      [/LIMIT 10000$/, { columns: ['name'], rows: [['A'], ['B']] }],
      [
        /^SHOW DATABASES/,
        {
          error: {
            code: '001003',
            message: 'The result set size exceeded the max number of rows(10000) supported for SHOW statements.',
          },
        },
      ],
    ]);
    expect((await connected.list({ what: 'databases' }, { signal })).map(({ name }) => name)).toEqual(['A', 'B']);
  });
});

const showColumns: ScriptedAnswer = {
  columns: [
    'table_name',
    'schema_name',
    'column_name',
    'data_type',
    'null?',
    'default',
    'kind',
    'expression',
    'comment',
    'database_name',
    'autoincrement',
  ],
  rows: [
    [
      'T',
      'S',
      'ID',
      '{"type":"FIXED","precision":38,"scale":0,"nullable":false}',
      'false',
      '',
      'COLUMN',
      '',
      '',
      'DB',
      'IDENTITY START 1 INCREMENT 1 NOORDER',
    ],
    [
      'T',
      'S',
      'na me',
      '{"type":"TEXT","length":20,"byteLength":80,"nullable":true,"fixed":false}',
      'true',
      "'x'",
      'COLUMN',
      '',
      '',
      'DB',
      '',
    ],
    [
      'T',
      'S',
      'AT',
      '{"type":"TIMESTAMP_NTZ","precision":0,"scale":6,"nullable":true}',
      'true',
      '',
      'COLUMN',
      '',
      '',
      'DB',
      '',
    ],
    ['T', 'S', 'V', '{"type":"VARIANT","nullable":true}', 'true', '', 'COLUMN', '', '', 'DB', ''],
    ['OTHER', 'S', 'X', '{"type":"REAL","nullable":true}', 'true', '', 'COLUMN', '', '', 'DB', ''],
  ],
};

describe('describeTables', () => {
  const many = ['A', 'B', 'C'].map((name) => ({ database: 'DB', schema: 'S', name }));
  const refs = ['T', 'GONE'].map((name) => ({ database: 'DB', schema: 'S', name }));

  it('asks for a few tables by name, and takes nothing else that LIKE finds', async () => {
    const connected = await open([
      [
        /^SHOW TABLES LIKE 'T'/,
        {
          columns: ['name', 'rows'],
          rows: [
            ['t', '1'],
            ['T', '12'],
          ],
        },
      ],
      [/^SHOW TABLES LIKE/, empty],
      [/^SHOW COLUMNS IN TABLE "DB"."S"."T"$/, showColumns],
    ]);
    const [table, gone] = await connected.describeTables(refs, { signal });
    expect([table?.ref.name, table?.rowCount, table?.columns.length, gone]).toEqual(['T', 12, 4, null]);
    expect(statements()[0]).toBe(`SHOW TABLES LIKE 'T' IN SCHEMA "DB"."S"`);
  });

  it('describes many tables of a schema by two statements, null for a missing one', async () => {
    const connected = await open([
      [
        /^SHOW TABLES/,
        { columns: ['created_on', 'name', 'rows'], rows: [['2026-01-02 03:04:05.678000000 +00:00', 'T', '12']] },
      ],
      [/^SHOW COLUMNS/, showColumns],
    ]);
    const [table, gone] = await connected.describeTables([...refs, ...many], { signal });
    expect(gone).toBeNull();
    expect(table).toMatchObject({
      ref: refs[0],
      rowCount: 12,
      columns: [
        { name: 'ID', dataType: 'NUMBER(38,0)', nullable: false, hasDefault: false, isIdentity: true },
        { name: 'na me', dataType: 'VARCHAR(20)', nullable: true, hasDefault: true, isIdentity: false },
        { name: 'AT', dataType: 'TIMESTAMP_NTZ(6)' },
        { name: 'V', dataType: 'VARIANT' },
      ],
    });
    expect(Date.parse(table?.createdAt ?? '')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    expect(statements()).toHaveLength(2);
  });

  it('answers null for all tables of a schema that does not exist', async () => {
    const connected = await open([
      [
        /^SHOW TABLES/,
        {
          error: {
            code: '002043',
            message: 'SQL compilation error:\nObject does not exist, or operation cannot be performed.',
          },
        },
      ],
    ]);
    expect(await connected.describeTables(refs, { signal })).toEqual([null, null]);
  });

  it('asks the Information Schema when SHOW COLUMNS is cut off', async () => {
    const cut = Array.from({ length: 10_000 }, () => ['OTHER', 'X', '{"type":"REAL","nullable":true}']);
    const connected = await open([
      [/^SHOW TABLES/, { columns: ['name', 'rows'], rows: [['T', null]] }],
      [/^SHOW COLUMNS/, { columns: ['table_name', 'column_name', 'data_type'], rows: cut }],
      [
        /INFORMATION_SCHEMA\.COLUMNS/,
        {
          columns: [
            'TABLE_NAME',
            'COLUMN_NAME',
            'DATA_TYPE',
            'CHARACTER_MAXIMUM_LENGTH',
            'CHARACTER_OCTET_LENGTH',
            'NUMERIC_PRECISION',
            'NUMERIC_SCALE',
            'DATETIME_PRECISION',
            'IS_NULLABLE',
            'COLUMN_DEFAULT',
            'IS_IDENTITY',
          ],
          rows: [['T', 'P', 'NUMBER', null, null, '12', '2', null, 'NO', null, 'NO']],
        },
      ],
    ]);
    const [table] = await connected.describeTables([...refs, ...many], { signal });
    expect(table?.columns).toEqual([
      { name: 'P', dataType: 'NUMBER(12,2)', nullable: false, hasDefault: false, isIdentity: false },
    ]);
  });
});

describe('countManyRows', () => {
  it('counts existing tables together and answers null for missing ones', async () => {
    const connected = await open([
      [/^SHOW TABLES/, { columns: ['name'], rows: [['A'], ['B']] }],
      [
        /^SELECT 0 AS POSITION/,
        {
          columns: ['POSITION', 'ROW_COUNT'],
          rows: [
            ['1', '20'],
            ['0', '10'],
          ],
        },
      ],
    ]);
    const refs = ['A', 'NONE', 'B'].map((name) => ({ database: 'DB', schema: 'S', name }));
    expect(await connected.countManyRows(refs, { signal })).toEqual([10, null, 20]);
    expect(statements().at(-1)).toBe(
      'SELECT 0 AS POSITION, COUNT(*) AS ROW_COUNT FROM "DB"."S"."A"\nUNION ALL\nSELECT 1 AS POSITION, COUNT(*) AS ROW_COUNT FROM "DB"."S"."B"',
    );
  });

  it('still counts the others when a table is dropped in between', async () => {
    const connected = await open([
      [/^SHOW TABLES/, { columns: ['name'], rows: [['A'], ['B']] }],
      [/"B"/, missing],
      [/^SELECT 0 AS POSITION/, { columns: ['POSITION', 'ROW_COUNT'], rows: [['0', '10']] }],
    ]);
    const refs = ['A', 'B'].map((name) => ({ database: 'DB', schema: 'S', name }));
    expect(await connected.countManyRows(refs, { signal })).toEqual([10, null]);
  });
});

const ledger = { database: 'L', schema: 'S' };

describe('ensureLedger', () => {
  it('creates nothing when all is there, and asks for no right to create', async () => {
    const connected = await open([
      [/^SHOW FILE FORMATS/, { columns: ['name'], rows: [['SNOWFERRY_PARQUET'], ['SNOWFERRY_JSON']] }],
    ]);
    await connected.ensureLedger(ledger, { signal });
    expect(statements().filter((sql) => sql.startsWith('CREATE'))).toEqual([]);
  });

  it('creates database, schema, table and formats where they are missing, in this order', async () => {
    const made = new Set<string>();
    const has = (thing: string) => () => (made.has(thing) ? { columns: ['name'], rows: [[thing]] } : missing);
    const make = (thing: string) => () => {
      made.add(thing);
      return { columns: ['status'], rows: [['created']] };
    };
    const connected = await open([
      [/^DESCRIBE TABLE/, has('TABLE')],
      [/^SHOW SCHEMAS/, has('DATABASE')],
      [/^SHOW TABLES/, has('SCHEMA')],
      [/^SHOW FILE FORMATS/, empty],
      [/^CREATE DATABASE/, make('DATABASE')],
      [/^CREATE SCHEMA/, make('SCHEMA')],
      [/^CREATE TABLE/, make('TABLE')],
    ]);
    await connected.ensureLedger(ledger, { signal });
    expect(
      statements()
        .filter((sql) => sql.startsWith('CREATE'))
        .map((sql) => sql.split(/ IF| "/)[0]),
    ).toEqual(['CREATE DATABASE', 'CREATE SCHEMA', 'CREATE TABLE', 'CREATE FILE FORMAT', 'CREATE FILE FORMAT']);
  });

  it('says which place could not be used when a right is missing', async () => {
    const connected = await open([
      [/^(DESCRIBE TABLE|SHOW)/, missing],
      [/^CREATE/, denied],
    ]);
    await expect(connected.ensureLedger(ledger, { signal })).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      facts: { schema: 'L.S' },
    });
  });
});

describe('the ledger', () => {
  const row = (index: number): LedgerRow => ({
    runId: 'r1',
    tableId: 't1',
    partitionId: `p${index}`,
    targetTable: 'DB.S.T',
    attemptId: null,
    state: 'PLANNED',
    expectedRows: 5,
    loadedRows: null,
    fileDigest: null,
  });

  it('registers partitions in batches that skip what is there', async () => {
    const connected = await open([]);
    await connected.registerPartitions(
      { ledger, rows: Array.from({ length: 1001 }, (_, index) => row(index)) },
      { signal },
    );
    const inserts = (account?.statements ?? []).filter(({ sql }) => sql.startsWith('INSERT'));
    expect(inserts.map(({ binds }) => binds.length / 9)).toEqual([500, 500, 1]);
    expect(inserts[2]?.sql).toBe(
      'INSERT INTO "L"."S"."PARTITION_LOAD" (RUN_ID, TABLE_ID, PARTITION_ID, TARGET_TABLE, ATTEMPT_ID, STATE, EXPECTED_ROWS, LOADED_ROWS, FILE_DIGEST, PLANNED_AT)\n' +
        'SELECT COLUMN1, COLUMN2, COLUMN3, COLUMN4, COLUMN5, COLUMN6, COLUMN7::NUMBER(38,0), COLUMN8::NUMBER(38,0), COLUMN9, CURRENT_TIMESTAMP() FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)) AS NEW_ROWS\n' +
        'WHERE NOT EXISTS (SELECT 1 FROM "L"."S"."PARTITION_LOAD" AS OLD_ROWS WHERE OLD_ROWS.RUN_ID = NEW_ROWS.COLUMN1 AND OLD_ROWS.TABLE_ID = NEW_ROWS.COLUMN2 AND OLD_ROWS.PARTITION_ID = NEW_ROWS.COLUMN3)',
    );
  });

  it('reads the rows of a run', async () => {
    const connected = await open([
      [
        /^SELECT RUN_ID/,
        {
          columns: [
            'RUN_ID',
            'TABLE_ID',
            'PARTITION_ID',
            'TARGET_TABLE',
            'ATTEMPT_ID',
            'STATE',
            'EXPECTED_ROWS',
            'LOADED_ROWS',
            'FILE_DIGEST',
          ],
          rows: [['r1', 't1', 'p1', 'DB.S.T', 'a1', 'LOADED', '5', '5', 'd']],
        },
      ],
    ]);
    expect(await connected.readLedger({ ledger, runId: 'r1' }, { signal })).toEqual([
      { ...row(1), attemptId: 'a1', state: 'LOADED', loadedRows: 5, fileDigest: 'd' },
    ]);
  });

  it('refuses a state that it does not know instead of taking it for not loaded', async () => {
    const connected = await open([[/^SELECT RUN_ID/, { columns: ['STATE'], rows: [['HALF']] }]]);
    await expect(connected.readLedger({ ledger, runId: 'r1' }, { signal })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('abortOrphans', () => {
  it('aborts the transactions of the given sessions only', async () => {
    const connected = await open([
      [
        /^SHOW TRANSACTIONS/,
        {
          columns: ['id', 'user', 'session', 'state'],
          rows: [
            ['11', 'ADA', '900', 'running'],
            ['12', 'ADA', '901', 'running'],
          ],
        },
      ],
    ]);
    expect(await connected.abortOrphans({ sessionIds: ['901', '777'] }, { signal })).toBe(1);
    expect(statements()).toEqual(['SHOW TRANSACTIONS', 'SELECT SYSTEM$ABORT_TRANSACTION(12)']);
  });
});

describe('stages', () => {
  const stage = { database: 'DB', schema: 'ST', name: 'S3' };
  const shown: Rule = [
    /^SHOW STAGES/,
    { columns: ['name', 'url', 'storage_integration'], rows: [['S3', 's3://bucket/base/', 'INT']] },
  ];

  it('lists files by their path below the stage', async () => {
    const connected = await open([
      shown,
      [
        /^LIST/,
        {
          columns: ['name', 'size'],
          rows: [
            ['s3://bucket/base/run/a.parquet', '12'],
            ['s3://bucket/base/run/b.parquet', '13'],
          ],
        },
      ],
    ]);
    expect(await connected.listStaged({ stage, path: 'run/', limit: 1 }, { signal })).toEqual([
      { path: 'run/a.parquet', bytes: 12 },
    ]);
    expect(statements()[1]).toBe('LIST @"DB"."ST"."S3"/run/');
  });

  it('refuses a stage that would cut long text', async () => {
    const connected = await open([
      shown,
      [
        /^DESCRIBE STAGE/,
        {
          columns: ['parent_property', 'property', 'property_value'],
          rows: [['STAGE_COPY_OPTIONS', 'TRUNCATECOLUMNS', 'true']],
        },
      ],
    ]);
    await expect(connected.describeStage(stage, { signal })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      field: 'staging.stage.name',
    });
  });

  it('says which stage does not exist', async () => {
    const connected = await open([[/^SHOW STAGES/, empty]]);
    await expect(connected.describeStage(stage, { signal })).rejects.toMatchObject({
      code: 'STAGE_NOT_FOUND',
      facts: { stage: 'DB.ST.S3' },
    });
  });

  it('names the missing permission when files cannot be deleted', async () => {
    const connected = await open([
      [
        /^REMOVE/,
        {
          error: {
            code: '091003',
            message: 'Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]',
          },
        },
      ],
    ]);
    await expect(connected.removeStaged({ stage, path: 'run/' }, { signal })).rejects.toMatchObject({
      code: 'S3_ACCESS_DENIED',
      facts: { action: 's3:DeleteObject' },
    });
  });

  it("reads JSON with a temporary format before the ledger is there, and with the ledger's afterwards", async () => {
    const connected = await open([
      [/^SELECT \$1/, { columns: ['$1'], rows: [['{"a": 1}']] }],
      [/^SHOW FILE FORMATS/, { columns: ['name'], rows: [['SNOWFERRY_PARQUET'], ['SNOWFERRY_JSON']] }],
    ]);
    expect(await connected.readStagedJson({ stage, path: 'run/manifest' }, { signal })).toEqual({ a: 1 });
    await connected.ensureLedger(ledger, { signal });
    await connected.readStagedJson({ stage, path: 'run/manifest' }, { signal });
    expect(statements().filter((sql) => /TEMPORARY|^SELECT \$1/.test(sql))).toEqual([
      'CREATE TEMPORARY FILE FORMAT IF NOT EXISTS "DB"."ST"."SNOWFERRY_JSON" TYPE = JSON',
      'SELECT $1 FROM @"DB"."ST"."S3"/run/manifest (FILE_FORMAT => \'"DB"."ST"."SNOWFERRY_JSON"\')',
      'SELECT $1 FROM @"DB"."ST"."S3"/run/manifest (FILE_FORMAT => \'"L"."S"."SNOWFERRY_JSON"\')',
    ]);
  });

  it('shows no key in the error of a CREATE STAGE that fails', async () => {
    const connected = await open([
      [/^CREATE STAGE/, ({ sql }) => ({ error: { code: '001003', message: `SQL compilation error: near ${sql}` } })],
    ]);
    const request = {
      stage,
      s3Uri: 's3://bucket/',
      access: {
        kind: 'keys' as const,
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG',
        sessionToken: null,
      },
      encryption: 'none' as const,
    };
    const error: unknown = await connected.createStage(request, { signal }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'TARGET_STATEMENT_FAILED' });
    const { message, raw, statement, facts, cause } = error as {
      message: string;
      raw: string;
      statement: string;
      facts: unknown;
      cause: unknown;
    };
    expect(JSON.stringify([message, raw, statement, facts, String(cause)])).not.toContain('wJalr');
  });
});

describe('runDdl', () => {
  it('lets CREATE SCHEMA IF NOT EXISTS pass when the schema is there and only the right to create is missing', async () => {
    const connected = await open([[/^CREATE SCHEMA/, denied]]);
    await expect(connected.runDdl('CREATE SCHEMA IF NOT EXISTS "DB"."S"', { signal })).resolves.toBeUndefined();
  });

  it('passes the refusal on when the schema is not there', async () => {
    const connected = await open([
      [/^CREATE SCHEMA/, denied],
      [/^SHOW TABLES/, missing],
    ]);
    await expect(connected.runDdl('CREATE SCHEMA IF NOT EXISTS "DB"."S"', { signal })).rejects.toMatchObject({
      code: 'PRIVILEGE_MISSING',
    });
  });
});

describe('test', () => {
  const facts: Rule = [
    /^SELECT CURRENT_ACCOUNT/,
    () => ({
      columns: ['A', 'B', 'C', 'D', 'E', 'F', 'G'],
      rows: [['XY12345', 'AWS_US_EAST_1', 'ADA', 'LOADER', 'LOAD_WH', '9.1.0', String(Date.now())]],
    }),
  ];
  const warehouses: Rule = [
    /^SHOW WAREHOUSES/,
    { columns: ['name', 'state', 'size', 'auto_resume'], rows: [['LOAD_WH', 'SUSPENDED', 'X-Small', 'false']] },
  ];
  const request = { database: 'DB', schemas: ['PUBLIC'], stage: { database: 'DB', schema: 'ST', name: 'S3' }, ledger };

  it('tells what was reached and finds inherited rights', async () => {
    const connected = await open([
      facts,
      warehouses,
      [
        /^SHOW GRANTS TO ROLE "LOADER"/,
        {
          columns: ['privilege', 'granted_on', 'name'],
          rows: [
            ['USAGE', 'DATABASE', 'DB'],
            ['USAGE', 'ROLE', 'WRITER'],
          ],
        },
      ],
      [
        /^SHOW GRANTS TO ROLE "WRITER"/,
        {
          columns: ['privilege', 'granted_on', 'name'],
          rows: [
            ['USAGE', 'SCHEMA', 'DB.PUBLIC'],
            ['CREATE TABLE', 'SCHEMA', 'DB.PUBLIC'],
          ],
        },
      ],
      [/^DESCRIBE TABLE/, missing],
    ]);
    const report = await connected.test(request, { signal });
    expect(report).toMatchObject({ version: '9.1.0', user: 'ADA' });
    expect(report.rights.map(({ id, state }) => [id, state])).toEqual([
      ['database', 'passed'],
      ['schema:PUBLIC', 'passed'],
      ['create-table:PUBLIC', 'passed'],
      ['stage', 'failed'],
      ['ledger', 'failed'],
    ]);
    expect(report.warnings.join(' ')).toContain('does not resume by itself');
  });

  it('says that the rights are not known when the grants cannot be read', async () => {
    const connected = await open([facts, warehouses, [/^SHOW GRANTS/, denied]]);
    const report = await connected.test(request, { signal });
    expect(report.rights.map(({ state }) => state)).toEqual(['warning', 'warning', 'warning', 'warning', 'passed']);
  });

  it('fails when the warehouse cannot be used', async () => {
    const connected = await open([
      [/^SELECT CURRENT_ACCOUNT/, { columns: ['A'], rows: [['XY', 'R', 'ADA', 'LOADER', null, '9', '0']] }],
    ]);
    await expect(connected.test(request, { signal })).rejects.toMatchObject({ code: 'WAREHOUSE_UNUSABLE' });
  });
});
