import { describe, expect, it } from 'vitest';
import { parseConnectionText } from './parse-connection-text.ts';

const CLUSTER = 'analytics.abc123xyz.eu-central-1.redshift.amazonaws.com';
const cluster = { 'auth.clusterId': 'analytics', 'auth.region': 'eu-central-1' };

describe('parseConnectionText', () => {
  it.each([
    ['an endpoint of the console', `${CLUSTER}:5439/dev`, { host: CLUSTER, port: 5439, database: 'dev', ...cluster }],
    [
      'a serverless endpoint',
      'wg.123456789012.us-east-1.redshift-serverless.amazonaws.com:5439/dev',
      {
        host: 'wg.123456789012.us-east-1.redshift-serverless.amazonaws.com',
        port: 5439,
        database: 'dev',
        'auth.workgroup': 'wg',
        'auth.region': 'us-east-1',
      },
    ],
    [
      'a JDBC URL',
      `jdbc:redshift://${CLUSTER}:5439/dev?user=ann&password=s3cret&sslmode=verify-full`,
      {
        host: CLUSTER,
        port: 5439,
        database: 'dev',
        ...cluster,
        'auth.kind': 'password',
        'auth.user': 'ann',
        'tls.mode': 'verify-full',
      },
    ],
    [
      'a JDBC URL with semicolons',
      `jdbc:redshift://${CLUSTER}:5439/dev;UID=ann;PWD=s3cret;ssl=false`,
      {
        host: CLUSTER,
        port: 5439,
        database: 'dev',
        ...cluster,
        'auth.kind': 'password',
        'auth.user': 'ann',
        'tls.mode': 'disable',
      },
    ],
    [
      'an IAM JDBC URL by cluster',
      'jdbc:redshift:iam://analytics:eu-central-1/dev?DbUser=etl&Profile=work',
      {
        database: 'dev',
        'auth.kind': 'iam-cluster',
        ...cluster,
        'auth.dbUser': 'etl',
        'auth.credentials.kind': 'profile',
        'auth.credentials.profile': 'work',
      },
    ],
    [
      'an IAM JDBC URL by host',
      `jdbc:redshift:iam://${CLUSTER}:5439/dev?DbUser=etl&AccessKeyID=AKIDEXAMPLE&SecretAccessKey=s3cret`,
      {
        host: CLUSTER,
        port: 5439,
        database: 'dev',
        'auth.kind': 'iam-cluster',
        ...cluster,
        'auth.dbUser': 'etl',
        'auth.credentials.kind': 'keys',
        'auth.credentials.accessKeyId': 'AKIDEXAMPLE',
      },
    ],
    [
      'an ODBC string',
      `Driver={Amazon Redshift (x64)}; Server=${CLUSTER}; Port=5439; Database=dev; UID=ann; PWD={s3;cret}; SSLMode=require`,
      {
        host: CLUSTER,
        port: 5439,
        database: 'dev',
        ...cluster,
        'auth.kind': 'password',
        'auth.user': 'ann',
        'tls.mode': 'require',
      },
    ],
    [
      'a psql line',
      `psql -h ${CLUSTER} -p 5439 -U ann -d dev`,
      { host: CLUSTER, port: 5439, database: 'dev', ...cluster, 'auth.kind': 'password', 'auth.user': 'ann' },
    ],
    [
      'a psql line with a conninfo',
      `psql "host=${CLUSTER} port=5439 dbname=dev user=ann password=s3cret sslmode=verify-ca"`,
      {
        host: CLUSTER,
        port: 5439,
        database: 'dev',
        ...cluster,
        'auth.kind': 'password',
        'auth.user': 'ann',
        'tls.mode': 'verify-ca',
      },
    ],
    [
      'a psql line with a URL',
      `psql 'postgresql://ann:s3cret@${CLUSTER}:5439/dev?sslmode=require'`,
      {
        host: CLUSTER,
        port: 5439,
        database: 'dev',
        ...cluster,
        'auth.kind': 'password',
        'auth.user': 'ann',
        'tls.mode': 'require',
      },
    ],
    [
      'a URL with a password of signs',
      'redshift+psycopg2://a%40b:p@ss:w0rd@10.0.0.5:5439/My%20DB',
      { host: '10.0.0.5', port: 5439, database: 'My DB', 'auth.kind': 'password', 'auth.user': 'a@b' },
    ],
  ])('reads %s of Redshift', (_what, text, values) => {
    expect(parseConnectionText(text)).toMatchObject({ kind: 'redshift' });
    expect(parseConnectionText(text)?.values).toEqual(values);
  });

  it.each([
    [
      'a JDBC URL',
      'jdbc:sqlserver://db.example.com:1433;databaseName=Sales;user=sa;password={s3;cret};encrypt=true;trustServerCertificate=false;applicationIntent=ReadOnly',
      {
        host: 'db.example.com',
        port: 1433,
        database: 'Sales',
        'auth.kind': 'sql-login',
        'auth.user': 'sa',
        encrypt: 'true',
        trustServerCertificate: 'false',
        readOnlyIntent: 'true',
      },
    ],
    [
      'a JDBC URL with an instance and a port, which goes before',
      'jdbc:sqlserver://db\\EXPRESS:1444;database=Sales',
      { host: 'db', port: 1444, database: 'Sales' },
    ],
    [
      'an ADO string',
      'Server=tcp:srv.database.windows.net,1433;Initial Catalog=Sales;User ID=ann;Password="s3;cret";Encrypt=True',
      {
        host: 'srv.database.windows.net',
        port: 1433,
        database: 'Sales',
        'auth.kind': 'sql-login',
        'auth.user': 'ann',
        encrypt: 'true',
      },
    ],
    [
      'an ADO string of a local instance',
      'Data Source=.\\SQLEXPRESS;Initial Catalog=Sales;Integrated Security=True',
      { host: 'localhost', instance: 'SQLEXPRESS', database: 'Sales', 'auth.kind': 'ntlm' },
    ],
    [
      'an ODBC string',
      'Driver={ODBC Driver 18 for SQL Server};Server=db,1433;Database=Sales;Uid=sa;Pwd=s3cret;',
      { host: 'db', port: 1433, database: 'Sales', 'auth.kind': 'sql-login', 'auth.user': 'sa' },
    ],
    [
      'a sqlcmd line',
      'sqlcmd -S tcp:db\\X,1433 -d Sales -U sa -P s3cret',
      { host: 'db', port: 1433, database: 'Sales', 'auth.kind': 'sql-login', 'auth.user': 'sa' },
    ],
    [
      'a sqlcmd line with switches',
      'sqlcmd -S db\\X -E -C -K ReadOnly -d Sales -Ns',
      {
        host: 'db',
        instance: 'X',
        database: 'Sales',
        'auth.kind': 'ntlm',
        trustServerCertificate: 'true',
        encrypt: 'strict',
        readOnlyIntent: 'true',
      },
    ],
    [
      'a JDBC URL with an instance',
      'jdbc:sqlserver://db\\EXPRESS;databaseName=Sales;encrypt=strict;hostNameInCertificate=db.example.com',
      {
        host: 'db',
        instance: 'EXPRESS',
        database: 'Sales',
        encrypt: 'strict',
        certificateHost: 'db.example.com',
      },
    ],
    [
      'a JDBC URL with NTLM',
      'jdbc:sqlserver://;serverName=db;integratedSecurity=true;authenticationScheme=NTLM;domain=SHOP;user=ann;password=s3cret',
      { host: 'db', 'auth.kind': 'ntlm', 'auth.domain': 'SHOP', 'auth.user': 'ann' },
    ],
    [
      'an ADO string of Entra ID',
      'Server=srv.database.windows.net;Database=Sales;Authentication=Active Directory Password;User ID=ann@example.com;Password=s3cret;Encrypt=Strict',
      {
        host: 'srv.database.windows.net',
        database: 'Sales',
        'auth.kind': 'entra-password',
        'auth.user': 'ann@example.com',
        encrypt: 'strict',
      },
    ],
    [
      'an ODBC string of a service principal',
      'Driver={ODBC Driver 18 for SQL Server};Server=tcp:srv.database.windows.net;Database=Sales;Authentication=ActiveDirectoryServicePrincipal;UID=11-22@33-44;PWD=s3cret',
      {
        host: 'srv.database.windows.net',
        database: 'Sales',
        'auth.kind': 'entra-service-principal',
        'auth.clientId': '11-22',
        'auth.tenantId': '33-44',
      },
    ],
    [
      'a string that signs in through a browser',
      'Server=srv.database.windows.net;Initial Catalog=Sales;Authentication=Active Directory Interactive;User ID=ann@example.com',
      { host: 'srv.database.windows.net', database: 'Sales', 'auth.kind': 'entra-token' },
    ],
    [
      'a URL',
      'mssql+pymssql://ann:s3cret@db.example.com:1444/Sales?encrypt=yes&TrustServerCertificate=yes',
      {
        host: 'db.example.com',
        port: 1444,
        database: 'Sales',
        'auth.kind': 'sql-login',
        'auth.user': 'ann',
        encrypt: 'true',
        trustServerCertificate: 'true',
      },
    ],
    ['a URL without anything else', 'sqlserver://db', { host: 'db' }],
    [
      'a short ADO string',
      'Server=db;Database=Sales;Encrypt=True;User Id=ann;Password=s3cret',
      { host: 'db', database: 'Sales', encrypt: 'true', 'auth.kind': 'sql-login', 'auth.user': 'ann' },
    ],
  ])('reads %s of SQL Server', (_what, text, values) => {
    expect(parseConnectionText(text)).toMatchObject({ kind: 'sqlserver' });
    expect(parseConnectionText(text)?.values).toEqual(values);
  });

  it.each([
    ['an account URL', 'https://myorg-acct.snowflakecomputing.com/console', { account: 'myorg-acct' }],
    ['a regional host', 'xy12345.eu-central-1.snowflakecomputing.com', { account: 'xy12345.eu-central-1' }],
    [
      'a PrivateLink URL',
      'https://myorg-acct.privatelink.snowflakecomputing.com',
      { account: 'myorg-acct.privatelink', accessUrl: 'https://myorg-acct.privatelink.snowflakecomputing.com' },
    ],
    ['a Snowsight address', 'https://app.snowflake.com/myorg/acct/#/homepage', { account: 'myorg-acct' }],
    [
      'a JDBC URL',
      'jdbc:snowflake://myorg-acct.snowflakecomputing.com/?user=ann&password=s3cret&warehouse=WH&db=D&role=R',
      { account: 'myorg-acct', user: 'ann', warehouse: 'WH', role: 'R' },
    ],
    [
      'a snowsql line',
      'snowsql -a myorg-acct -u ann -r LOADER -w WH',
      { account: 'myorg-acct', user: 'ann', role: 'LOADER', warehouse: 'WH' },
    ],
    [
      'a SQLAlchemy URL',
      'snowflake://ann:s3cret@myorg-acct/D/S?warehouse=WH&role=R',
      { account: 'myorg-acct', user: 'ann', warehouse: 'WH', role: 'R' },
    ],
  ])('reads %s of Snowflake', (_what, text, values) => {
    expect(parseConnectionText(text)).toMatchObject({ kind: 'snowflake' });
    expect(parseConnectionText(text)?.values).toEqual(values);
  });

  it('never hands on a password', () => {
    const texts = [
      'jdbc:redshift://h.example.com:5439/dev?user=a&password=s3cret',
      'Driver={Amazon Redshift};Server=h;Port=5439;UID=a;PWD=s3cret',
      'postgresql://a:s3cret@h:5439/dev',
      'sqlcmd -S h -U sa -Ps3cret',
      'jdbc:sqlserver://h:1433;user=sa;password=s3cret',
    ];
    for (const text of texts) {
      const parsed = parseConnectionText(text);
      expect(parsed).not.toBeNull();
      expect(JSON.stringify(parsed)).not.toContain('s3cret');
    }
  });

  it.each([
    '',
    '   ',
    'hello world',
    'https://example.com/',
    'SELECT 1;',
    'mysql://h/db',
    'a=b',
    'x'.repeat(5000),
    'ftp://h',
  ])('answers null for %j', (text) => {
    expect(parseConnectionText(text)).toBeNull();
  });
});
