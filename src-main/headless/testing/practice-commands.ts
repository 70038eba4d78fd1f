import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSandboxProcess, type SandboxDescription } from '../../lib/testing/sandbox-process.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface CommandOutput {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface SnowflakeDescription {
  accessUrl: string;
  account: string;
  user: string;
  password: string;
  database: string;
  schema: string;
  warehouse: string;
  role: string;
  stage: string;
  token: string;
  privateKey: string;
}

export interface StartedCommand {
  /** What it has printed on stderr so far. */
  readonly stderr: string;
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  readonly output: Promise<CommandOutput>;
}

export interface CommandRequest {
  workflow: Record<string, unknown>;
  /** Instead of the right ones. */
  secrets?: Record<string, string>;
  /** Instead of the password. */
  auth?: Record<string, string>;
}

export interface Practice {
  description: SandboxDescription & { snowflake: SnowflakeDescription };
  dataDirectory: string;
  /** Everything that must not be printed or kept. */
  secrets: string[];
  /** Runs a command of the real command line with `--json`, in a process of its own. */
  run(command: 'plan' | 'run', request: CommandRequest): Promise<CommandOutput>;
  /** The same, to be watched, stopped or killed while it is at work. */
  start(command: 'run' | 'resume', request: CommandRequest): Promise<StartedCommand>;
  stop(): Promise<void>;
}

/** Builds the app and the command line when they are not as the sources are. */
export async function ensureBuild(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/ensure-build.mjs'], { cwd: ROOT });
}

/** The practice environment and the command line on it, as a person at a terminal has them. */
export async function startPractice(args: string[]): Promise<Practice> {
  await ensureBuild();
  const sandbox = await startSandboxProcess(args);
  const folder = await mkdtemp(path.join(tmpdir(), 'snowferry-commands-'));
  const description = sandbox.description as Practice['description'];
  const { snowflake } = description;
  const dataDirectory = path.join(folder, 'data');
  const start = async (
    command: string,
    { workflow, secrets = {}, auth = {} }: CommandRequest,
  ): Promise<StartedCommand> => {
    const workflowFile = path.join(folder, 'workflow.json');
    const connectionsFile = path.join(folder, 'connections.json');
    const all = { ...rightSecrets(description), ...secrets };
    await writeFile(workflowFile, JSON.stringify(workflow));
    await writeFile(
      connectionsFile,
      JSON.stringify({ ...connections(description, { kind: 'password', ...auth }), secrets: all }),
      { mode: 0o600 },
    );
    return startCli([command, workflowFile, '--connections', connectionsFile, '--json'], dataDirectory);
  };
  return {
    description,
    dataDirectory,
    secrets: [...Object.values(rightSecrets(description)), snowflake.token, ...secretLines(snowflake.privateKey)],
    run: async (command, request) => (await start(command, request)).output,
    start,
    stop: async () => {
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Secrets that stand in `text`: as they are, escaped for a URL or JSON, or in base64. The answer names them by their first characters. */
export function findSecrets(text: string, secrets: string[]): string[] {
  return secrets.flatMap((secret) =>
    [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ].some((form) => text.includes(form))
      ? [`${secret.slice(0, 8)}...`]
      : [],
  );
}

/** A key is looked for line by line, as its line ends may have been changed. */
export function secretLines(secret: string): string[] {
  if (!secret.includes('\n')) return [secret];
  return secret.split('\n').filter((line) => line.length >= 20 && !line.startsWith('-----'));
}

function connections(description: Practice['description'], auth: Record<string, string>) {
  const { s3, snowflake, sqlserver } = description;
  return {
    source: sqlserver ? sqlServerSettings(sqlserver) : redshiftSettings(description.redshift),
    snowflake: {
      account: snowflake.account,
      user: snowflake.user,
      auth,
      role: snowflake.role,
      warehouse: snowflake.warehouse,
      accessUrl: snowflake.accessUrl,
    },
    ...(sqlserver
      ? {}
      : {
          staging: {
            s3Uri: `s3://${s3.bucket}/practice/`,
            iamRole: s3.iamRoleArn,
            region: s3.region,
            credentials: { kind: 'keys', accessKeyId: s3.accessKeyId },
            s3Endpoint: s3.endpoint,
          },
        }),
  };
}

function redshiftSettings({ host, port, database, user, caFile }: SandboxDescription['redshift']) {
  const tls = { mode: 'verify-full', caFile };
  return { kind: 'redshift', host, port, database, auth: { kind: 'password', user }, tls };
}

function sqlServerSettings({ host, port, database, user, caFile }: NonNullable<SandboxDescription['sqlserver']>) {
  return { kind: 'sqlserver', host, port, database, auth: { kind: 'sql-login', user }, encrypt: true, caFile };
}

function rightSecrets({ redshift, sqlserver, s3, snowflake }: Practice['description']): Record<string, string> {
  const target = { 'snowflake.password': snowflake.password };
  return sqlserver
    ? { 'source.password': sqlserver.password, ...target }
    : { 'source.password': redshift.password, 's3.secretAccessKey': s3.secretAccessKey, ...target };
}

/** The built command line, threads and all; the process is its own, so that a signal reaches it. */
function startCli(args: string[], dataDirectory: string): StartedCommand {
  const child = spawn(process.execPath, ['out/main/cli.js', ...args], {
    cwd: ROOT,
    env: { ...process.env, SNOWFERRY_DATA_DIR: dataDirectory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const output = new Promise<CommandOutput>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    get stderr() {
      return stderr;
    },
    signal: (name) => void child.kill(name),
    output,
  };
}
