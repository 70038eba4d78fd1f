import { describe, expect, it } from 'vitest';
import { splitStatements } from './sql-tokens.ts';
import { DEFAULT_MAX_FILE_BYTES, parseUnload } from './unload-statement.ts';
import type { UnloadStatement } from './unload-statement.ts';
import { RedshiftError } from './wire.ts';

const ROLE = 'arn:aws:iam::012345678901:role/MyRedshiftRole';
const AUTH = `iam_role '${ROLE}'`;
const MB = 1024 * 1024;

function parse(sql: string): UnloadStatement {
  const [statement] = splitStatements(sql);
  if (statement === undefined) throw new Error('no statement');
  return parseUnload(statement);
}

function refusal(sql: string): string {
  try {
    parse(sql);
  } catch (error) {
    if (error instanceof RedshiftError) return `${error.fields.code} ${error.fields.message}`;
    throw error;
  }
  throw new Error(`accepted: ${sql}`);
}

const unload = (rest: string, select = 'select * from venue'): string =>
  `unload ('${select}') to 's3://mybucket/unload/' ${rest}`;

describe('parseUnload', () => {
  it.each<[string, Partial<UnloadStatement>]>([
    [
      unload(AUTH),
      {
        format: 'text',
        bucket: 'mybucket',
        prefix: 'unload/',
        parallel: true,
        maxFileBytes: DEFAULT_MAX_FILE_BYTES,
        manifest: 'none',
      },
    ],
    [
      unload(`${AUTH} PARQUET PARTITION BY (l_shipdate)`),
      { format: 'parquet', partitionBy: ['l_shipdate'], includePartitionColumns: false },
    ],
    [
      unload(`${AUTH} PARQUET PARTITION BY (a, "B c") INCLUDE`),
      { partitionBy: ['a', 'B c'], includePartitionColumns: true },
    ],
    [unload(`${AUTH} FORMAT AS PARQUET manifest verbose`), { format: 'parquet', manifest: 'verbose' }],
    [unload(`format json ${AUTH} manifest`), { format: 'json', manifest: 'plain' }],
    [unload(`${AUTH} CSV DELIMITER AS '|'`), { format: 'csv', delimiter: '|' }],
    [unload(`${AUTH} delimiter as '\\t' gzip`), { delimiter: '\t', compression: 'gzip' }],
    [unload(`${AUTH} header parallel off`), { header: true, parallel: false }],
    [unload(`${AUTH} parallel true maxfilesize as 1 gb`), { parallel: true, maxFileBytes: 1024 * MB }],
    [unload(`${AUTH} maxfilesize 5.5`), { maxFileBytes: 5.5 * MB }],
    [
      unload(`${AUTH} parquet rowgroupsize 64 mb region as 'eu-west-1'`),
      { rowGroupBytes: 64 * MB, region: 'eu-west-1' },
    ],
    [
      unload(`${AUTH} kms_key_id '1234abcd' manifest encrypted parquet`),
      { encryption: 'sse-kms', kmsKeyId: '1234abcd', format: 'parquet' },
    ],
    [unload(`${AUTH} encrypted auto parquet`), { encryption: 'bucket-default' }],
    [
      unload(`${AUTH} addquotes escape null as 'n/a' allowoverwrite`),
      { addQuotes: true, escape: true, nullAs: 'n/a', allowOverwrite: true },
    ],
    [unload(`${AUTH} cleanpath extension 'txt'`), { cleanPath: true, extension: 'txt' }],
    [
      unload(`${AUTH} fixedwidth as 'venueid:3,venuename:39'`),
      {
        fixedWidth: [
          { name: 'venueid', width: 3 },
          { name: 'venuename', width: 39 },
        ],
      },
    ],
    [unload('iam_role default'), { authorization: { kind: 'default-role' } }],
    [unload(`iam_role '${ROLE},${ROLE}2'`), { authorization: { kind: 'roles', arns: [ROLE, `${ROLE}2`] } }],
    [unload(`credentials 'aws_iam_role=${ROLE}'`), { authorization: { kind: 'roles', arns: [ROLE] } }],
    [
      unload(`with credentials as 'aws_access_key_id=AK;aws_secret_access_key=S;token=T'`),
      { authorization: { kind: 'keys', accessKeyId: 'AK', secretAccessKey: 'S', sessionToken: 'T' } },
    ],
    [
      unload(`access_key_id 'AK' secret_access_key as 'S'`),
      { authorization: { kind: 'keys', accessKeyId: 'AK', secretAccessKey: 'S' } },
    ],
    [
      `/* x */ UNLOAD -- y\n($q$select 'a;b' from "t;u"$q$) TO 's3://mybucket' ${AUTH}`,
      { select: `select 'a;b' from "t;u"`, prefix: '' },
    ],
  ])('accepts %s', (sql, expected) => {
    expect(parse(sql)).toMatchObject(expected);
  });

  it('reads doubled quotes and backslash escapes of the query as Redshift does', () => {
    expect(parse(unload(AUTH, "select * from venue where venuestate=''NV''")).select).toBe(
      "select * from venue where venuestate='NV'",
    );
    expect(parse(unload(AUTH, "select * from venue where venuestate=\\'NV\\'")).select).toBe(
      "select * from venue where venuestate='NV'",
    );
    expect(parse(unload(AUTH, 'select "a\\\\b" from t')).select).toBe('select "a\\b" from t');
  });

  it('allows a nested LIMIT', () => {
    expect(
      parse(
        unload(AUTH, 'select * from venue where venueid in (select venueid from venue order by venueid desc limit 10)'),
      ).bucket,
    ).toBe('mybucket');
  });

  it.each([
    [unload(AUTH, 'select * from venue limit 10'), '0A000 Limit clause is not supported'],
    [unload(AUTH, 'select top 10 * from venue'), '0A000 Limit clause is not supported'],
    [unload(AUTH, 'delete from venue'), '42601 syntax error at or near "delete"'],
    [unload(AUTH, 'select 1; select 2'), '42601 syntax error at or near ";"'],
    [unload(`${AUTH} nonsense`), '42601 syntax error at or near "nonsense"'],
    [unload(`${AUTH} verbose manifest`), '42601 syntax error at or near "verbose"'],
    [`unload (select 1) to 's3://mybucket/a' ${AUTH}`, '42601 syntax error at or near "select"'],
    [`unload ('select 1') 's3://mybucket/a' ${AUTH}`, `42601 syntax error at or near "'s3://mybucket/a'"`],
    [unload(`${AUTH} header header`), '42601 conflicting or redundant options'],
    [unload(`${AUTH} csv parquet`), '42601 conflicting or redundant options'],
    ...[
      "delimiter '|'",
      "fixedwidth 'a:1'",
      'addquotes',
      'escape',
      "null as ''",
      'header',
      'gzip',
      'bzip2',
      'zstd',
    ].map((option) => [unload(`${AUTH} parquet ${option}`), 'is not supported for UNLOAD with PARQUET']),
    ...["delimiter '|'", 'header', "fixedwidth 'a:1'", 'addquotes', 'escape', "null 'x'"].map((option) => [
      unload(`${AUTH} json ${option}`),
      'is not supported for UNLOAD with JSON',
    ]),
    [unload(`${AUTH} csv fixedwidth 'a:1'`), 'FIXEDWIDTH is not supported for UNLOAD with CSV'],
    [unload(`${AUTH} fixedwidth 'a:1' header`), 'HEADER is not supported for UNLOAD with FIXEDWIDTH'],
    [unload(`${AUTH} allowoverwrite cleanpath`), 'ALLOWOVERWRITE is not supported for UNLOAD with CLEANPATH'],
    [unload(`${AUTH} kms_key_id 'k'`), 'KMS_KEY_ID requires the ENCRYPTED option'],
    [unload(`${AUTH} encrypted auto kms_key_id 'k'`), 'KMS_KEY_ID is not supported for UNLOAD with ENCRYPTED AUTO'],
    [unload(`${AUTH} parquet encrypted`), 'only supported with KMS_KEY_ID'],
    [
      unload(`credentials 'aws_iam_role=${ROLE}' encrypted kms_key_id 'k'`),
      "KMS_KEY_ID can't be used with the CREDENTIALS parameter",
    ],
    [unload(`${AUTH} maxfilesize 4 mb`), 'MAXFILESIZE must be between 5 MB and 6.2 GB'],
    [unload(`${AUTH} maxfilesize 6.3 gb`), 'MAXFILESIZE must be between 5 MB and 6.2 GB'],
    [unload(`${AUTH} parquet rowgroupsize 16 mb`), 'ROWGROUPSIZE must be an integer value between 32 MB and 128 MB'],
    [unload(`${AUTH} rowgroupsize 64 mb`), 'ROWGROUPSIZE is only supported for UNLOAD with PARQUET'],
    [unload(''), 'No authorization method specified'],
    [unload(`${AUTH} access_key_id 'a' secret_access_key 'b'`), 'Only one of IAM_ROLE'],
    [unload(`access_key_id 'a'`), 'Invalid credentials'],
    [unload(`iam_role '${ROLE}, ${ROLE}'`), 'Invalid IAM role ARN'],
    [`unload ('select 1') to 'file:///tmp/x' ${AUTH}`, 'Invalid S3 URI'],
    [`unload ('select 1') to 's3://my-point-abc-s3alias/x' ${AUTH}`, 'access point aliases'],
  ])('refuses %s', (sql, expected) => {
    expect(refusal(sql)).toContain(expected);
  });

  it('never repeats keys in a refusal', () => {
    expect(refusal(unload(`access_key_id 'AKIASECRET' secret_access_key 'topsecret' nonsense`))).not.toMatch(
      /AKIASECRET|topsecret/,
    );
  });
});
