import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorValueSchema } from '#shared/errors/app-error';
import { CALL_NAMES, type CallName } from '#shared/ipc/channels';
import type { CallResult } from '#shared/ipc/contract';
import type { ConnectionReport } from '#shared/model/check';
import { snowflakeSettingsSchema, sourceSettingsSchema } from '#shared/model/connection-settings';
import { AppError } from '#shared/errors/app-error';
import type { Core } from '../compose.ts';
import { toAbortError } from '../lib/abort.ts';
import { createConnectionCache } from '../migration/connections.ts';
import { createRunManager } from '../migration/run-manager.ts';
import { createFakeWorld, sourceTable, staging, type FakeWorld } from '../migration/testing/fake-sides.ts';
import { parseS3Uri } from '../staging/s3/parse-s3-uri.ts';
import { buildPolicies } from '../staging/s3/policies.ts';
import { openJournal } from '../store/journal.ts';
import { createProjectStore } from '../store/project-store.ts';
import { createSecretStore } from '../store/secret-store.ts';
import { createCallDoor, type CallDoor, type CallEvent } from './call-door.ts';
import { allHandlers } from './testing/fuzz-core.ts';
import { HOSTILE_TEXTS, hostileMessages, SPECIALS, WRONG_NAMES } from './testing/hostile-messages.ts';
import { revive } from './testing/revive.ts';

const MESSAGES = 6_000;
const SEED = 20_260;
/** Far more than any call takes over fakes; a message that costs more than linear time does not come near. */
const LIMIT_MS = 3_000;
const MOST_PROJECTS = 3;
const LONGEST_ERROR = 60_000;

const page: CallEvent['sender'] = { id: 1, mainFrame: { url: 'app://snowferry/index.html' } };
const trusted: CallEvent = { sender: page, senderFrame: page.mainFrame };

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.end());

describe('messages that no honest page sends', () => {
  it(
    `answers ${MESSAGES} of them, drawn from the contract and beyond, each with a value and in time`,
    { timeout: 300_000 },
    async () => {
      const { door, ids } = bench;
      const tally = new Map<string, number>();
      for (const [index, message] of hostileMessages(SEED, MESSAGES).entries()) {
        const input = revive(message.text, await ids());
        const before = bench.filesNow();
        const outsideBefore = bench.outside.length;
        const answer = await inTime(door.answer(trusted, { name: message.name, input, callId: `m${index}` }), message);
        const verdict = judge(answer, message);
        tally.set(verdict, (tally.get(verdict) ?? 0) + 1);
        // What the schema refuses must have done nothing at all.
        if (!answer.ok && answer.error.code === 'INPUT_INVALID' && !bench.isAtWork()) {
          expect(bench.filesNow(), JSON.stringify(message)).toEqual(before);
          const asked = bench.outside.slice(outsideBefore).filter((what) => what !== 'openExternal');
          expect(asked, JSON.stringify(message)).toEqual([]);
        }
      }
      expect(tally.get('INTERNAL') ?? 0).toBe(0);
      expect(tally.get('INPUT_INVALID')).toBeGreaterThan(MESSAGES / 4);
      expect(tally.get('ok')).toBeGreaterThan(MESSAGES / 10);
      expect(bench.connections()).toBe(0);
      expect(bench.strangers()).toEqual([]);
      expect(Object.keys(Object.prototype)).toEqual([]);
      // After all that it still works.
      const listed = await door.answer(trusted, { name: 'projects.list', input: undefined, callId: 'last' });
      expect(listed.ok).toBe(true);
    },
  );

  it('answers what is no message of the contract at all with INPUT_INVALID', async () => {
    const wrongInputs = [...HOSTILE_TEXTS, ...SPECIALS.map((name) => revive(`{"%":"${name}"}`, {}))];
    const envelopes = [
      ...wrongInputs,
      ...WRONG_NAMES.map((name) => ({ name, input: {}, callId: 'c' })),
      ...wrongInputs.map((name) => ({ name, input: {}, callId: 'c' })),
      ...CALL_NAMES.flatMap((name) => [
        { name, input: { projectId: 'x' } },
        { name, input: { projectId: 'x' }, callId: '' },
        { name, input: { projectId: 'x' }, callId: 'x'.repeat(101) },
        { name, input: { projectId: 'x' }, callId: 7 },
        { name, input: Symbol('s'), callId: 'c' },
        { name, input: () => 1, callId: 'c' },
        { name, input: { projectId: { length: { toString: 1, valueOf: 1 } } }, callId: { length: { toString: 1 } } },
      ]),
    ];
    for (const envelope of envelopes) {
      const answer = await bench.door.answer(trusted, envelope);
      expect(answer.ok ? 'answered' : answer.error.code, describeValue(envelope)).toBe('INPUT_INVALID');
    }
  });

  it.each<[string, CallEvent]>([
    ['a frame inside the page', { sender: page, senderFrame: { url: 'app://snowferry/index.html' } }],
    ['a frame that is gone', { sender: page, senderFrame: null }],
    ...[
      'https://snowferry/index.html',
      'app://snowferry.evil.example/',
      'app://snowferry',
      'app://evil/app://snowferry/',
      'file:///app/index.html',
      'data:text/html,app://snowferry/',
      'about:blank',
      '',
    ].map((url): [string, CallEvent] => {
      const mainFrame = { url };
      return [`a page at "${url}"`, { sender: { id: 2, mainFrame }, senderFrame: mainFrame }];
    }),
  ])('refuses every call of %s before it is looked at', async (_who, event) => {
    const input = await bench.ids();
    const before = bench.filesNow();
    for (const name of CALL_NAMES) {
      const answer = await bench.door.answer(event, { name, input, callId: 'c' });
      expect(answer).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
    }
    expect(bench.filesNow()).toEqual(before);
    expect(bench.outside).toEqual([]);
  });

  it('lets only the page that made a call cancel it, and takes any id for that', async () => {
    const other = { id: 9, mainFrame: { url: 'app://snowferry/index.html' } };
    bench.world.source.listDatabases = ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(toAbortError(signal))));
    const { projectId } = (await bench.ids()) as { projectId: string };
    const call = bench.door.answer(trusted, { name: 'source.listDatabases', input: { projectId }, callId: 'slow' });
    for (const id of [...HOSTILE_TEXTS, 7, null, {}, 'none']) bench.door.cancel(trusted, id);
    bench.door.cancel({ sender: other, senderFrame: other.mainFrame }, 'slow');
    bench.door.cancel({ sender: page, senderFrame: null }, 'slow');
    const first = await Promise.race([call, new Promise((resolve) => setTimeout(resolve, 50, 'still at work'))]);
    expect(first).toBe('still at work');
    bench.door.cancel(trusted, 'slow');
    expect(await call).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
  });
});

async function inTime<T>(work: Promise<T>, message: unknown): Promise<T> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${JSON.stringify(message)}`)), LIMIT_MS * 5);
  });
  const answer = await Promise.race([work, late]);
  clearTimeout(timer);
  expect(performance.now() - started, JSON.stringify(message)).toBeLessThan(LIMIT_MS);
  return answer;
}

/** The code, or `ok`; fails for what a page could not be given. */
function judge(answer: CallResult<CallName>, message: unknown): string {
  expect(() => structuredClone(answer), JSON.stringify(message)).not.toThrow();
  if (answer.ok) return 'ok';
  const parsed = errorValueSchema.safeParse(answer.error);
  expect(parsed.success, JSON.stringify(message)).toBe(true);
  expect(JSON.stringify(answer.error).length, JSON.stringify(message)).toBeLessThan(LONGEST_ERROR);
  expect(answer.error, JSON.stringify(message)).not.toMatchObject({ code: 'INTERNAL' });
  return answer.error.code;
}

function describeValue(value: unknown): string {
  return String(Object.prototype.toString.call(value)).slice(0, 200);
}

interface Bench {
  door: CallDoor;
  world: FakeWorld;
  outside: string[];
  /** Ids that exist, by the name of the place that asks for them. */
  ids(): Promise<Record<string, unknown>>;
  isAtWork(): boolean;
  /** Every file with its size and time of change. */
  filesNow(): Record<string, string>;
  /** Files that lie elsewhere than where the app keeps its data. */
  strangers(): string[];
  /** Sockets that were opened. */
  connections(): number;
  end(): Promise<void>;
}

const REPORT: ConnectionReport = {
  server: 's',
  version: '1',
  user: 'u',
  elapsedMs: 1,
  facts: [],
  rights: [],
  warnings: [],
};

/** The data directory lies so deep that a path which climbs out of it still ends where it is seen. */
async function createBench(): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'snowferry-fuzz-'));
  const data = join(root, 'a', 'b', 'c', 'd', 'e', 'f', 'data');
  mkdirSync(data, { recursive: true });
  const world = fakeWorld();
  const journal = openJournal(join(data, 'journal.db'));
  const log = () => undefined;
  const runs = createRunManager({
    journal,
    log,
    connect: () => Promise.resolve({ source: world.source, target: world.target, staging: null, extractor: null }),
    parseManifest: world.parseManifest,
    onChange: () => undefined,
    onEnd: () => undefined,
  });
  const openers: Core['openers'] = {
    openSource: () => world.source,
    openTarget: () => world.target,
    openStaging: () => null,
  };
  const core: Core = {
    projects: createProjectStore(join(data, 'projects')),
    secrets: createSecretStore({
      path: join(data, 'secrets.json'),
      cipher: { encrypt: (text) => Buffer.from(text).toString('base64'), decrypt: (text) => text },
    }),
    journal,
    runs,
    connections: createConnectionCache(openers),
    openers,
    stagingTools: {
      parseUri: parseS3Uri,
      findRegion: ({ s3Uri }) => Promise.resolve(parseS3Uri(s3Uri)).then(() => 'us-east-1'),
      parseManifest: world.parseManifest,
      buildPolicies,
    },
    namedConnections: {
      list: () => Promise.resolve([]),
      resolve: (name) =>
        Promise.reject(new AppError('INPUT_INVALID', { facts: { detail: `no ${name.slice(0, 20)}` } })),
    },
    log,
    close: () => Promise.resolve(),
  };
  const { handlers, outside } = allHandlers(core);
  const door = createCallDoor({ handlers, log, isTrustedUrl: (url) => url.startsWith('app://snowferry/') });
  let sockets = 0;
  const onSocket = (): void => void (sockets += 1);
  subscribe('net.client.socket', onSocket);

  const files = (): string[] =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  return {
    door,
    world,
    outside,
    ids: () => existingIds(core),
    isAtWork: () => runs.activeRunIds().length > 0,
    filesNow: () =>
      Object.fromEntries(
        files()
          .filter((file) => !file.endsWith('-shm'))
          .map((file) => [file, `${statSync(file).size} ${statSync(file).mtimeMs}`]),
      ),
    strangers: () =>
      files()
        .map((file) => relative(data, file))
        .filter(
          (file) =>
            !/^(journal\.db(-wal|-shm)?|secrets\.json|projects\/[0-9a-f-]{36}\.json|runs\/[^/]+\.run\.json|instances\/[^/]+|[\w.-]+\.lock)$/.test(
              file,
            ),
        ),
    connections: () => sockets,
    async end() {
      unsubscribe('net.client.socket', onSocket);
      await runs.pauseAll();
      await Promise.allSettled(runs.activeRunIds().map((runId) => runs.finished(runId)));
      journal.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function fakeWorld(): FakeWorld {
  const world = createFakeWorld(Object.assign(Object.create(null) as Record<string, number>, { a: 4, b: 6 }));
  Object.assign(world.source, { test: () => Promise.resolve(REPORT) });
  Object.assign(world.target, {
    test: () => Promise.resolve(REPORT),
    list: () => Promise.resolve([]),
    createStage: () => Promise.resolve(),
    describeStage: () => Promise.resolve({ url: staging.s3Uri, storageIntegration: null }),
  });
  return world;
}

/** The messages delete and change projects too: there is always one that is filled in, and one run. */
async function existingIds(core: Core): Promise<Record<string, unknown>> {
  const [found, ...others] = (await core.projects.list()).flatMap((listed) =>
    listed.kind === 'project' ? [listed.project] : [],
  );
  let project = found ?? null;
  for (const { id } of others.slice(MOST_PROJECTS)) await core.projects.delete(id);
  if (!project?.source || !project.snowflake) {
    const created = await core.projects.create({ name: 'whole', sourceKind: 'redshift' });
    project = await core.projects.update(created.id, created.revision, {
      source: sourceSettingsSchema.parse({
        kind: 'redshift',
        host: 'h',
        database: 'd',
        auth: { kind: 'password', user: 'u' },
        tls: {},
      }),
      snowflake: snowflakeSettingsSchema.parse({ account: 'a', user: 'u', auth: { kind: 'password' }, warehouse: 'w' }),
      staging,
      targetRule: { database: 'DB', schema: '', nameCase: 'upper' },
      selection: [
        {
          source: sourceTable('a'),
          target: null,
          existingRows: null,
          partitionBy: null,
          partitionSize: null,
          where: '',
          columns: [],
          typeMappings: [],
        },
      ],
    });
  }
  const run = core.runs.list(project.id)[0] ?? core.runs.unfinished()[0];
  const plan = run ? core.runs.plan(run.runId) : null;
  return {
    'id:projectId': project.id,
    projectId: project.id,
    revision: project.revision,
    'id:runId': run?.runId ?? 'none',
    'id:planId': plan?.id ?? 'none',
    'id:tableId': plan?.tables[0]?.id ?? 'none',
    'id:partitionId': 'p0',
  };
}
