import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error';
import {
  projectSchema,
  runOptionsSchema,
  targetRuleSchema,
  type Project,
  type ProjectPatch,
} from '#shared/model/project';
import { writeFileAtomically } from '../lib/write-file-atomically.ts';

/** Projects as one JSON file each. Secrets are never in them. Every change is on disk when its promise resolves. */
export interface ProjectStore {
  /** All projects, newest change first; a file that cannot be read is listed with the reason instead of being dropped. */
  list(): Promise<ListedProject[]>;
  create(input: { name: string; sourceKind: Project['sourceKind'] }): Promise<Project>;
  get(id: string): Promise<Project>;
  /** Changes what a page may change. A revision that is not the newest is refused, so that no change of another window is lost. */
  update(id: string, revision: number, patch: ProjectPatch): Promise<Project>;
  /** Notes results of tests and runs; they do not compete with the user's changes and need no revision. */
  record(
    id: string,
    facts: Partial<Pick<Project, 'sourceTest' | 'snowflakeTest' | 'stagingCheck' | 'lastRunId'>>,
  ): Promise<Project>;
  duplicate(id: string): Promise<Project>;
  delete(id: string): Promise<void>;
}

export type ListedProject = { kind: 'project'; project: Project } | { kind: 'damaged'; id: string; reason: string };

const PROJECT_ID = /^[0-9a-f-]{36}$/;

export function createProjectStore(directory: string): ProjectStore {
  /** Changes of one project follow one another: reading, changing and writing is one step. */
  const queues = new Map<string, Promise<unknown>>();
  const inTurn = <T>(id: string, work: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(id) ?? Promise.resolve()).then(work, work);
    queues.set(
      id,
      turn.catch(() => undefined),
    );
    return turn;
  };
  const pathOf = (id: string): string => {
    if (!PROJECT_ID.test(id)) throw new AppError('PROJECT_NOT_FOUND', { facts: { id } });
    return join(directory, `${id}.json`);
  };
  const save = async (project: Project): Promise<Project> => {
    await mkdir(directory, { recursive: true });
    await writeFileAtomically(pathOf(project.id), `${JSON.stringify(project, null, 2)}\n`);
    return project;
  };
  const change = (id: string, make: (project: Project) => Project): Promise<Project> =>
    inTurn(id, async () => {
      const project = await readProject(pathOf(id), id);
      return save({ ...make(project), updatedAt: new Date().toISOString() });
    });

  return {
    async list() {
      const names = await readdir(directory).catch(() => [] as string[]);
      const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
      const listed = await Promise.all(ids.filter((id) => PROJECT_ID.test(id)).map((id) => readListed(pathOf(id), id)));
      return listed.sort((a, b) => updatedAt(b).localeCompare(updatedAt(a)));
    },
    create: ({ name, sourceKind }) => save(newProject(name, sourceKind)),
    get: (id) => readProject(pathOf(id), id),
    update: (id, revision, patch) =>
      change(id, (project) => {
        if (project.revision !== revision) {
          throw new AppError('PROJECT_CHANGED_ELSEWHERE');
        }
        return { ...project, ...withoutUndefined(patch), revision: project.revision + 1 };
      }),
    record: (id, facts) => change(id, (project) => ({ ...project, ...facts })),
    async duplicate(id) {
      const project = await readProject(pathOf(id), id);
      const now = new Date().toISOString();
      return save({
        ...project,
        id: randomUUID(),
        name: `${project.name} (copy)`.slice(0, 120),
        createdAt: now,
        updatedAt: now,
        revision: 1,
        lastRunId: null,
      });
    },
    delete: (id) => inTurn(id, () => rm(pathOf(id), { force: true })),
  };
}

function newProject(name: string, sourceKind: Project['sourceKind']): Project {
  const now = new Date().toISOString();
  return projectSchema.parse({
    id: randomUUID(),
    name,
    createdAt: now,
    updatedAt: now,
    revision: 1,
    sourceKind,
    strategy: sourceKind === 'redshift' ? 'unload' : 'regular',
    source: null,
    snowflake: null,
    staging: null,
    drafts: {},
    targetRule: targetRuleSchema.parse({}),
    selection: [],
    options: runOptionsSchema.parse({}),
    sourceTest: null,
    snowflakeTest: null,
    stagingCheck: null,
    lastRunId: null,
  });
}

async function readListed(path: string, id: string): Promise<ListedProject> {
  try {
    return { kind: 'project', project: await readProject(path, id) };
  } catch (error) {
    return { kind: 'damaged', id, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function readProject(path: string, id: string): Promise<Project> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new AppError('PROJECT_NOT_FOUND', { facts: { id } });
    throw new AppError('FILE_NOT_READABLE', { cause: error, facts: { path, detail: error.message } });
  });
  try {
    return projectSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError('FILE_NOT_READABLE', {
      cause: error,
      facts: { path, detail: 'its content is not a project of this version' },
    });
  }
}

function updatedAt(listed: ListedProject): string {
  return listed.kind === 'project' ? listed.project.updatedAt : '';
}

function withoutUndefined<T extends object>(patch: T): T {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as T;
}
