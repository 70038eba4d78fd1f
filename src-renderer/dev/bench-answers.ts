import { AppError, toErrorValue, type AppErrorOptions } from '#shared/errors/app-error';
import type { ErrorCode } from '#shared/errors/error-codes';
import type { CheckResult, ConnectionReport } from '#shared/model/check';
import { tableSelectionSchema, type Project, type ProjectCard } from '#shared/model/project';
import { RUN_STATES } from '#shared/model/run';
import { settingsDigest } from '#shared/model/settings-digest';
import { ApiError } from '../api/client.ts';
import type { FakeAnswers, FakeBridge } from '../api/testing/fake-bridge.ts';
import { sampleProject } from '../api/testing/sample-project.ts';
import { benchPartitions, benchPlan, benchRun, benchSummary, benchValidation } from './bench-run.ts';
import { benchTables, benchTarget, benchTask } from './bench-tables.ts';

/** A little main process in memory, so that pages can be looked at without servers: `?project=ready` starts with everything set. */
export function benchAnswers(parameters: URLSearchParams, bridge: () => FakeBridge): FakeAnswers {
  const projects = new Map<string, Project>([
    [
      'p1',
      parameters.get('project') === 'ready'
        ? { ...readyProject(parameters.has('passed')), lastRunId: parameters.has('run') ? 'run1' : null }
        : sampleProject(
            parameters.get('source') === 'sqlserver' ? { sourceKind: 'sqlserver', strategy: 'regular' } : {},
          ),
    ],
  ]);
  const runState = RUN_STATES.find((state) => state === parameters.get('run'));
  const secrets = new Set<string>(parameters.get('project') === 'ready' ? ['source.password', 'snowflake.token'] : []);
  let settings = {
    colorScheme: (parameters.get('scheme') ?? 'light') as 'light' | 'dark' | 'system',
    isHelpOpen: true,
  };
  const get = (id: string): Project => {
    const project = projects.get(id);
    if (project === undefined) throw refusal('PROJECT_NOT_FOUND', { facts: { id } });
    return project;
  };
  const put = (project: Project): Project => {
    projects.set(project.id, project);
    return project;
  };
  const status = () => ({
    storage: parameters.get('storage') === 'keychain' ? ('keychain' as const) : ('session' as const),
    isSet: Object.fromEntries([...secrets].map((slot) => [slot, true])),
  });
  return {
    'app.info': () => ({
      version: '0.1.0',
      platform: 'linux',
      electron: '33.2.1',
      secretStorage: status().storage,
      isPracticeRuntime: true,
      dataDirectory: '/home/user/.config/snowferry',
    }),
    'app.settings': () => settings,
    'app.saveSettings': (patch) => (settings = { ...settings, ...patch }),
    'app.chooseFile': () => '/home/user/keys/rsa_key.p8',
    'projects.list': () =>
      parameters.has('empty') ? [] : [...projects.values()].map(cardOf).concat(parameters.has('many') ? CARDS : []),
    'projects.create': ({ name, sourceKind }) => put(sampleProject({ id: `p${projects.size + 1}`, name, sourceKind })),
    'projects.get': ({ projectId }) => get(projectId),
    'projects.update': ({ projectId, patch }) => {
      const project = get(projectId);
      return put({ ...project, ...(patch as Partial<Project>), revision: project.revision + 1 });
    },
    'projects.duplicate': ({ projectId }) =>
      put({ ...get(projectId), id: `p${projects.size + 1}`, name: `${get(projectId).name} (copy)` }),
    'projects.delete': ({ projectId }) => {
      projects.delete(projectId);
      return null;
    },
    'secrets.status': status,
    'secrets.set': ({ values }) => {
      for (const [slot, value] of Object.entries(values)) {
        if (value === null) secrets.delete(slot);
        else secrets.add(slot);
      }
      return status();
    },
    'plan.build': async ({ projectId }) => {
      await pause(200);
      return benchPlan(get(projectId));
    },
    'plan.get': () => benchPlan(get('p1')),
    'plan.statements': () => ({
      extract: "UNLOAD ('SELECT ...') TO 's3://...'",
      load: ['BEGIN', 'COPY INTO ...', 'COMMIT'],
    }),
    'run.list': ({ projectId }) => (runState === undefined ? [] : [benchSummary(benchRun(get(projectId), runState))]),
    'run.snapshot': () => benchRun(get('p1'), runState ?? 'running', parameters.get('cause')),
    'run.partitions': () => benchPartitions(),
    'run.errors': () =>
      benchPartitions().flatMap(({ id, firstError }) =>
        firstError === null ? [] : [{ partitionId: id, attempt: 1, at: now, error: firstError }],
      ),
    'run.unfinished': () => (runState === undefined ? [] : [benchSummary(benchRun(get('p1'), runState))]),
    'run.journalFindings': () =>
      parameters.has('damaged')
        ? [
            {
              at: now,
              detail: 'database disk image is malformed',
              setAside: ['/home/user/.config/snowferry/journal.db.damaged-1'],
              rebuiltRuns: ['run1'],
              lostRuns: [],
            },
          ]
        : [],
    'validation.latest': () => (parameters.has('compared') ? benchValidation() : null),
    'practice.available': () => parameters.has('practice') || parameters.has('empty'),
    'practice.start': async () => {
      bridge().send('practice.progress', { text: 'Loading the table lineitem (5 of 8)' });
      return new Promise(() => undefined);
    },
    'source.listTables': () => benchTables(Number(parameters.get('tables') ?? 24)),
    'tables.targets': async ({ tables }) => {
      await pause(200);
      return tables.map((table, index) => benchTarget(table, index));
    },
    'tables.detail': async ({ table }) => {
      await pause(200);
      const summary = benchTables(1)[0];
      if (summary === undefined) throw new Error('The bench has no table.');
      return {
        description: {
          ...summary,
          ref: table,
          columns: [],
          primaryKey: [],
          uniqueKeys: [],
          partitionKeys: ['o_orderdate'],
        },
        target: null,
        plan: benchTask(table),
      };
    },
    'source.preview': () => ({
      columns: ['o_orderkey', 'o_comment'],
      rows: [
        ['1', 'first'],
        ['2', null],
      ],
    }),
    'source.parseConnectionText': ({ text }) =>
      text.startsWith('jdbc:redshift')
        ? {
            kind: 'redshift',
            form: 'JDBC URL',
            values: { host: 'cluster.abc.eu-west-1.redshift.amazonaws.com', port: 5439, database: 'dev' },
          }
        : null,
    'source.test': async ({ projectId }) => {
      await pause(600);
      const project = get(projectId);
      if (project.source?.host === 'untrusted') {
        throw refusal('TLS_NOT_TRUSTED', {
          facts: {
            host: 'untrusted',
            detail: 'self-signed certificate',
            subject: 'CN=SSL_Self_Signed_Fallback',
            issuer: 'CN=SSL_Self_Signed_Fallback',
          },
          raw: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        });
      }
      if (project.source?.host === 'wrong') {
        throw refusal('LOGIN_FAILED', {
          facts: { server: 'wrong:5439', user: 'reader' },
          raw: 'FATAL: password authentication failed for user "reader"',
          field: 'source.password',
        });
      }
      put({ ...project, sourceTest: { digest: settingsDigest(project.source), report: REDSHIFT_REPORT } });
      return REDSHIFT_REPORT;
    },
    'snowflake.namedConnections': () => [
      {
        name: 'production',
        file: '/home/user/.snowflake/connections.toml',
        isDefault: true,
        problem: null,
        settings: { ...SNOWFLAKE, role: 'MIGRATOR' },
      },
      {
        name: 'legacy',
        file: '/home/user/.snowflake/config.toml',
        isDefault: false,
        settings: null,
        problem: 'It has no account.',
      },
    ],
    'snowflake.test': async ({ projectId }) => {
      await pause(400);
      const project = get(projectId);
      put({ ...project, snowflakeTest: { digest: settingsDigest(project.snowflake), report: SNOWFLAKE_REPORT } });
      return SNOWFLAKE_REPORT;
    },
    'snowflake.list': async ({ what }) => {
      await pause(200);
      return (LISTS[what] ?? []).map((name) => ({
        name,
        detail: '',
        url: what === 'stages' ? 's3://my-bucket/migration/' : null,
      }));
    },
    'snowflake.stageDdl': ({ stage, s3Uri, access }) =>
      `CREATE STAGE "${stage.database}"."${stage.schema}"."${stage.name}"\n  URL = '${s3Uri}'\n  ${access.kind === 'integration' ? `STORAGE_INTEGRATION = "${access.integration}"` : "CREDENTIALS = (AWS_KEY_ID = 'AKIA...' AWS_SECRET_KEY = '***')"};`,
    'snowflake.createStage': () => null,
    'staging.policies': ({ s3Uri }) => ({ unloadRole: policy(s3Uri), cleanUpUser: policy(s3Uri) }),
    'staging.detectRegion': async () => {
      await pause(300);
      return 'eu-west-1';
    },
    'staging.check': async ({ projectId, only }) => {
      const wanted = CHECKS.filter((check) => only === undefined || check.id === only);
      for (const check of wanted) {
        bridge().send('staging.checkProgress', {
          projectId,
          check: { ...check, state: 'running', summary: '', error: null, elapsedMs: null, finishedAt: null },
        });
        await pause(150);
        bridge().send('staging.checkProgress', { projectId, check });
      }
      const project = get(projectId);
      put({ ...project, stagingCheck: { digest: settingsDigest(project.staging), checks: CHECKS } });
      return wanted;
    },
  };
}

function refusal(code: ErrorCode, options: AppErrorOptions): ApiError {
  return new ApiError(toErrorValue(new AppError(code, options)));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function cardOf(project: Project): ProjectCard {
  return {
    ...project,
    sourceLabel: project.source === null ? 'Redshift' : `${project.source.host}/${project.source.database}`,
    targetLabel: project.snowflake === null ? 'Snowflake' : project.snowflake.account,
    tableCount: project.selection.length,
    lastRun: null,
    damaged: null,
  };
}

const now = '2026-01-06T10:15:00.000Z';
const check = (id: string, name: string, parts: Partial<CheckResult> = {}): CheckResult => ({
  id,
  name,
  state: 'passed',
  summary: '',
  did: [],
  error: null,
  elapsedMs: 120,
  finishedAt: now,
  ...parts,
});

const REDSHIFT_REPORT: ConnectionReport = {
  server: 'my-cluster.abc.eu-west-1.redshift.amazonaws.com:5439',
  version: 'PostgreSQL 8.0.2, Redshift 1.0.77467',
  user: 'migration_reader',
  elapsedMs: 184,
  facts: [
    { label: 'Database', value: 'dev' },
    { label: 'Encryption', value: 'TLS 1.3, certificate verified' },
  ],
  rights: [
    check('tables', 'Read table definitions', {
      summary: '1,024 tables are visible.',
      did: ['SELECT count(*) FROM svv_tables'],
    }),
    check('select', 'Read rows', {
      state: 'warning',
      summary: '3 tables cannot be read.',
      did: ['SELECT has_table_privilege(...)'],
    }),
  ],
  warnings: ['The clock of this machine differs from the server by 94 seconds.'],
};

const SNOWFLAKE_REPORT: ConnectionReport = {
  server: 'myorg-account123',
  version: '9.40.1',
  user: 'MIGRATOR',
  elapsedMs: 341,
  facts: [
    { label: 'Role', value: 'MIGRATOR' },
    { label: 'Warehouse', value: 'LOAD_WH (X-Small)' },
    { label: 'Region', value: 'AWS_EU_WEST_1' },
  ],
  rights: [
    check('warehouse', 'Use the warehouse'),
    check('ledger', 'Create the ledger SNOWCONVERT_AI.DATA_MIGRATION', {
      state: 'failed',
      summary: 'The role may not create a database.',
      did: ['SHOW GRANTS TO ROLE "MIGRATOR"'],
      error: toErrorValue(
        new AppError('PRIVILEGE_MISSING', { facts: { role: 'MIGRATOR', detail: 'CREATE DATABASE' } }),
      ),
    }),
  ],
  warnings: [],
};

const SNOWFLAKE = {
  account: 'myorg-account123',
  user: 'MIGRATOR',
  auth: { kind: 'access-token' as const },
  role: '',
  warehouse: 'LOAD_WH',
  accessUrl: '',
  proxy: { host: '', port: null, user: '' },
};

const CHECKS: CheckResult[] = [
  check('uri', 'S3 bucket URI', { summary: 's3://my-bucket/migration/ is a usable path.', elapsedMs: 1 }),
  check('region', 'Region of bucket and cluster', {
    summary: 'Both are in eu-west-1.',
    did: ['GetBucketLocation my-bucket'],
  }),
  check('empty', 'The path is empty', {
    state: 'failed',
    summary: '12 objects are in the way.',
    did: ['ListObjectsV2 s3://my-bucket/migration/'],
    error: toErrorValue(
      new AppError('S3_PATH_NOT_EMPTY', {
        facts: {
          uri: 's3://my-bucket/migration/',
          count: 12,
          example: 'migration/old.parquet',
          suggestion: 's3://my-bucket/migration-2/',
        },
      }),
    ),
  }),
  check('delete', 'Delete permission', { state: 'warning', summary: 'There are no clean-up keys: staged files stay.' }),
  check('stage', 'The stage covers the path', { summary: 'STAGES.PUBLIC.MIGRATION points to s3://my-bucket/.' }),
  check('unload', 'Unload, read through the stage, delete', {
    state: 'skipped',
    summary: 'Skipped because the path is not empty.',
    elapsedMs: null,
  }),
];

const LISTS: Partial<Record<string, string[]>> = {
  databases: ['ANALYTICS', 'RAW', 'SNOWCONVERT_AI'],
  schemas: ['PUBLIC', 'STAGING'],
  stages: ['MIGRATION'],
  warehouses: ['LOAD_WH', 'COMPUTE_WH'],
  roles: ['ACCOUNTADMIN', 'MIGRATOR', 'SYSADMIN'],
  'storage-integrations': ['S3_MIGRATION'],
};

function policy(s3Uri: string): string {
  const bucket = /^s3:\/\/([^/]+)/.exec(s3Uri)?.[1] ?? '<your_bucket_name>';
  const statement = {
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:GetObject'],
    Resource: [`arn:aws:s3:::${bucket}/*`],
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2);
}

function readyProject(isPassed: boolean): Project {
  const source = {
    kind: 'redshift' as const,
    host: 'my-cluster.abc.eu-west-1.redshift.amazonaws.com',
    port: 5439,
    database: 'dev',
    auth: { kind: 'password' as const, user: 'migration_reader' },
    tls: { mode: 'verify-full' as const, caFile: '' },
  };
  const staging = {
    stage: { database: 'RAW', schema: 'STAGING', name: 'MIGRATION' },
    s3Uri: 's3://my-bucket/migration/',
    iamRole: 'arn:aws:iam::123456789012:role/RedshiftUnload',
    region: 'eu-west-1',
    encryption: { kind: 'none' as const },
    credentials: null,
    s3Endpoint: '',
  };
  return sampleProject({
    selection: isPassed ? benchTables(8).map(({ ref }) => tableSelectionSchema.parse({ source: ref })) : [],
    source,
    snowflake: SNOWFLAKE,
    staging,
    sourceTest: { digest: settingsDigest(source), report: REDSHIFT_REPORT },
    snowflakeTest: { digest: settingsDigest(SNOWFLAKE), report: SNOWFLAKE_REPORT },
    stagingCheck: {
      digest: settingsDigest(staging),
      checks: isPassed ? CHECKS.filter(({ state }) => state !== 'failed') : CHECKS,
    },
  });
}

const CARDS: ProjectCard[] = [
  {
    ...cardOf(sampleProject()),
    id: 'x1',
    name: 'Finance, first half',
    sourceLabel: 'finance.abc.eu-west-1.redshift.amazonaws.com/fin',
    targetLabel: 'myorg-account123',
    tableCount: 128,
    lastRun: { state: 'finished-with-failures', startedAt: now },
  },
  { ...cardOf(sampleProject()), id: 'x2', name: 'Orders', tableCount: 8, lastRun: { state: 'done', startedAt: now } },
  { ...cardOf(sampleProject()), id: 'x3', name: 'Old project', damaged: 'The file holds no valid JSON (line 1).' },
];
