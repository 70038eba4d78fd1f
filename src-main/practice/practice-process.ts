import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AppError } from '#shared/errors/app-error';
import { redact, rememberSecret } from '../lib/redact.ts';

/** The line that `npm run sandbox` prints when everything is up. */
const addressesSchema = z.object({
  redshift: z.object({
    host: z.string(),
    port: z.number(),
    database: z.string(),
    user: z.string(),
    password: z.string(),
  }),
  s3: z.object({
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    iamRoleArn: z.string(),
  }),
  snowflake: z.object({
    accessUrl: z.string(),
    account: z.string(),
    user: z.string(),
    password: z.string(),
    database: z.string(),
    schema: z.string(),
    warehouse: z.string(),
    role: z.string(),
    stage: z.string(),
  }),
});
export type PracticeAddresses = z.infer<typeof addressesSchema>;

/** The practice servers as a child process that ends with this one. Started at most once. */
export interface PracticeProcess {
  /** True in a source checkout, where the practice servers are. */
  isAvailable(): boolean;
  start(onProgress: (text: string) => void): Promise<PracticeAddresses>;
  stop(): void;
}

export function createPracticeProcess(options: {
  rootDirectory: string;
  nodePath: string;
  scale: string;
}): PracticeProcess {
  const { rootDirectory, nodePath, scale } = options;
  let child: ChildProcess | null = null;
  let started: Promise<PracticeAddresses> | null = null;
  const entry = join(rootDirectory, 'src-sandbox', 'main.ts');

  const launch = (onProgress: (text: string) => void): Promise<PracticeAddresses> => {
    const args = ['--import', 'tsx', entry, '--source', 'redshift', '--scale', scale];
    const process_ = spawn(nodePath, args, {
      cwd: rootDirectory,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: childEnvironment(),
    });
    child = process_;
    return new Promise((resolve, reject) => {
      const lastLines: string[] = [];
      const fail = (detail: string): void =>
        reject(new AppError('PRACTICE_FAILED', { facts: { detail }, raw: redact(lastLines.join('\n')) }));
      createInterface({ input: process_.stderr }).on('line', (line) => {
        lastLines.push(line);
        if (lastLines.length > 50) lastLines.shift();
        onProgress(redact(line));
      });
      createInterface({ input: process_.stdout }).once('line', (line) => {
        const parsed = addressesSchema.safeParse(parseJson(line));
        if (!parsed.success) return fail('its first line was not understood');
        for (const secret of [
          parsed.data.redshift.password,
          parsed.data.s3.secretAccessKey,
          parsed.data.snowflake.password,
        ])
          rememberSecret(secret);
        resolve(parsed.data);
      });
      process_.once('error', (error) => fail(error.message));
      process_.once('exit', (code) => {
        started = null;
        fail(`it ended with code ${code ?? 'unknown'}`);
      });
    });
  };

  return {
    isAvailable: () => existsSync(entry) && existsSync(join(rootDirectory, 'node_modules', 'tsx')),
    start(onProgress) {
      started ??= launch(onProgress).catch((error: unknown) => {
        started = null;
        throw error;
      });
      return started;
    },
    stop() {
      child?.kill('SIGTERM');
    },
  };
}

/** The child is plain Node: variables that turn Electron into something else must not reach it. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _runAsNode, NODE_OPTIONS: _nodeOptions, ...rest } = process.env;
  return rest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
