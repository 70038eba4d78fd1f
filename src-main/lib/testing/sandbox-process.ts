import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What `npm run sandbox` prints, as far as tests use it: addresses and credentials that are worth nothing outside of this run. */
export interface SandboxDescription {
  redshift: {
    host: string;
    port: number;
    database: string;
    user: string;
    password: string;
    caFile: string;
    schemas: string[];
    reader: { user: string; password: string };
    clusterIdentifier: string;
    workgroupName: string;
    region: string;
  };
  /** With `--source sqlserver` only; Redshift, S3 and AWS are not there then. */
  sqlserver?: { host: string; port: number; database: string; user: string; password: string; caFile: string };
  s3: {
    endpoint: string;
    region: string;
    bucket: string;
    accessKeyId: string;
    secretAccessKey: string;
    iamRoleArn: string;
  };
  aws: {
    endpoint: string;
    europeanBucket: { bucket: string; region: string };
    kmsKeyArn: string;
    users: Record<'noDelete' | 'noAccess' | 'database', { accessKeyId: string; secretAccessKey: string }>;
    roles: Record<'unload' | 'noPut' | 'notAssociated' | 'noTrust' | 'doesNotExist' | 'unloadKms' | 'chain', string>;
  };
}

export interface SandboxProcess {
  description: SandboxDescription;
  /** Ends the process and all that it started. */
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_LIMIT_MS = 110_000;
const LAST_LINES = 20;

/**
 * Starts the practice environment as `npm run sandbox` does and waits for its line of JSON. One for a test file: `beforeAll` starts it, `afterAll` stops it.
 * It ends with this process too, however that ends: it watches its standard input. Rejects with the last lines of its stderr.
 */
export async function startSandboxProcess(args: string[]): Promise<SandboxProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src-sandbox/main.ts', ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').catch(() => []);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    return { description: await readDescription(child, exited), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readDescription(child: ChildProcess, exited: Promise<unknown>): Promise<SandboxDescription> {
  let output = '';
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const described = new Promise<SandboxDescription>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const end = output.indexOf('\n');
      if (end < 0) return;
      try {
        resolve(JSON.parse(output.slice(0, end)) as SandboxDescription);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  const failed = (reason: string): Error =>
    new Error(`The practice environment ${reason}:\n${errors.split('\n').slice(-LAST_LINES).join('\n')}`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(failed('did not start in time')), START_LIMIT_MS);
  });
  const ended = exited.then(() => Promise.reject(failed('ended before it was ready')));
  try {
    return await Promise.race([described, late, ended]);
  } finally {
    clearTimeout(timer);
    ended.catch(() => undefined);
  }
}
