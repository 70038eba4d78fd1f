/** The tables of TPC-H, small ones first. */
export const tpchTables = ['region', 'nation', 'supplier', 'customer', 'part', 'partsupp', 'orders', 'lineitem'];

/** Where the practice environment seeds them. */
const tpchSchemas = { redshift: 'tpch', sqlserver: 'dbo' };

/**
 * The workflow file: every TPC-H table into the schema that the practice environment names, by the property names of SnowConvert's
 * configuration reference.
 */
export function buildWorkflow({ source, strategy, sandbox }) {
  const { snowflake } = sandbox;
  return {
    defaultTableConfiguration: {
      source: { databaseName: sandbox[source].database, schemaName: tpchSchemas[source] },
      target: { databaseName: snowflake.database, schemaName: snowflake.schema },
      extraction: strategy === 'unload' ? { strategy, externalStage: stageName(snowflake) } : { strategy },
    },
    tables: tpchTables.map((tableName) => ({ source: { tableName }, target: { tableName: tableName.toUpperCase() } })),
    createMissingTargets: true,
  };
}

/** Where each table comes from and goes to. */
export function practiceTables({ source, sandbox: { snowflake } }) {
  return tpchTables.map((name) => ({
    source: { schema: tpchSchemas[source], name },
    target: { database: snowflake.database, schema: snowflake.schema, name: name.toUpperCase() },
  }));
}

/** The connections file: what the practice environment prints, as a person would enter it for real servers. */
export function buildConnections({ source, sandbox }) {
  const { s3, snowflake } = sandbox;
  const origin = source === 'redshift' ? redshift(sandbox.redshift) : sqlServer(sandbox.sqlserver);
  return {
    source: origin.settings,
    snowflake: {
      account: snowflake.account,
      user: snowflake.user,
      auth: { kind: 'password' },
      role: snowflake.role,
      warehouse: snowflake.warehouse,
      accessUrl: snowflake.accessUrl,
    },
    staging: s3
      ? {
          s3Uri: `s3://${s3.bucket}/practice/`,
          iamRole: s3.iamRoleArn,
          region: s3.region,
          credentials: { kind: 'keys', accessKeyId: s3.accessKeyId },
          s3Endpoint: s3.endpoint,
        }
      : null,
    secrets: {
      'source.password': origin.password,
      'snowflake.password': snowflake.password,
      ...(s3 ? { 's3.secretAccessKey': s3.secretAccessKey } : {}),
    },
  };
}

function redshift({ host, port, database, user, password, caFile }) {
  const tls = caFile ? { mode: 'verify-full', caFile } : { mode: 'disable' };
  return { settings: { kind: 'redshift', host, port, database, auth: { kind: 'password', user }, tls }, password };
}

function sqlServer({ host, port, database, user, password, caFile }) {
  const auth = { kind: 'sql-login', user };
  const tls = caFile ? { encrypt: true, caFile } : { encrypt: true, trustServerCertificate: true };
  return { settings: { kind: 'sqlserver', host, port, database, auth, ...tls }, password };
}

function stageName({ stage, database, schema }) {
  if (typeof stage !== 'string') return [stage.database, stage.schema, stage.name].join('.');
  return stage.includes('.') ? stage : [database, schema, stage].join('.');
}
