import { readFile, stat } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { AppError } from '#shared/errors/app-error';
import { connectionsFileSchema, type ConnectionsFile } from '#shared/model/connections-file';
import type { Secrets } from '#shared/model/connection-settings';
import { workflowFileSchema, type WorkflowFile } from '#shared/model/workflow-file';
import { rememberSecret } from '../lib/redact.ts';

/** Reads a workflow file, JSON or YAML. A property that the format does not have is named, not ignored. */
export async function readWorkflowFile(path: string): Promise<WorkflowFile> {
  return parseFile(path, await readText(path), workflowFileSchema);
}

export interface ReadConnections {
  file: ConnectionsFile;
  secrets: Secrets;
  /** What the user should mend although it works: a file that others can read. */
  warnings: string[];
}

/** Reads a connections file and the secrets that it holds or points to. */
export async function readConnectionsFile(path: string, environment: NodeJS.ProcessEnv): Promise<ReadConnections> {
  const file = parseFile(path, await readText(path), connectionsFileSchema);
  const secrets: Secrets = {};
  for (const [slot, value] of Object.entries(file.secrets) as [
    keyof Secrets,
    ConnectionsFile['secrets'][keyof Secrets],
  ][]) {
    if (value === undefined) continue;
    const secret = await resolveSecret(slot, value, environment);
    rememberSecret(secret);
    secrets[slot] = secret;
  }
  return { file, secrets, warnings: await permissionWarnings(path, file) };
}

async function resolveSecret(
  slot: string,
  value: string | { env: string } | { file: string },
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  if (typeof value === 'string') return value;
  if ('file' in value) return (await readText(value.file)).replace(/\r?\n$/, '');
  const secret = environment[value.env];
  if (secret === undefined)
    throw new AppError('INPUT_INVALID', {
      facts: { detail: `The environment variable ${value.env} for ${slot} is not set.` },
    });
  return secret;
}

async function permissionWarnings(path: string, file: ConnectionsFile): Promise<string[]> {
  const holdsSecrets = Object.values(file.secrets).some((value) => typeof value === 'string');
  if (!holdsSecrets || process.platform === 'win32') return [];
  const { mode } = await stat(path);
  return (mode & 0o077) === 0 ? [] : [`${path} holds secrets and can be read by others. Run chmod 600 on it.`];
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('FILE_NOT_READABLE', {
      cause: error,
      facts: { path, detail: error instanceof Error ? error.message : String(error) },
    });
  }
}

function parseFile<T>(path: string, text: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseText(path, text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new AppError('INPUT_INVALID', { facts: { detail: `${path} is not valid. ${problems.join(' ')}` } });
}

/** JSON is read as JSON, for its exact error positions; everything else as YAML. */
function parseText(path: string, text: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? (JSON.parse(text) as unknown) : (parseYaml(text) as unknown);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AppError('INPUT_INVALID', { facts: { detail: `${path} is neither JSON nor YAML: ${detail}` } });
  }
}
