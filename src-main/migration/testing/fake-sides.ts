import { AppError } from '#shared/errors/app-error';
import { columnType } from '#shared/model/column-type';
import { stagingSettingsSchema } from '#shared/model/connection-settings';
import type { JournalInstance } from '#shared/model/journal';
import { runOptionsSchema, tableSelectionSchema, targetRuleSchema, type RunOptions } from '#shared/model/project';
import type { TableDescription, TableRef, TargetTable } from '#shared/model/table';
import type { Source, SourceDialect, UnloadRequest } from '../../sources/source.ts';
import type { StagedManifest } from '../../staging/staging.ts';
import type { LeaseState, LedgerRow, LoadRequest, Target, TargetDialect } from '../../targets/target.ts';
import type { PlanInput } from '../plan-input.ts';

/** Tables with their row counts, and what was asked of them: enough to run the engine without a server. */
export interface FakeWorld {
  source: Source;
  target: Target;
  /** Rows in each target table, by name. */
  targetRows: Map<string, number>;
  ledger: Map<string, LedgerRow>;
  /** Leases by run; `isExpired` stands for the server's clock. */
  leases: Map<string, LeaseState & { isExpired: boolean }>;
  /** Into how many equal partitions a partitioned table is cut. */
  parts: number;
  /** Every UNLOAD, load and DDL in order. */
  calls: string[];
  /** Staged rows by attempt path. */
  staged: Map<string, number>;
  parseManifest(json: unknown, expected: { uri: string }): StagedManifest;
  /** Called before each step; may throw or wait. */
  hooks: {
    beforeUnload?(request: UnloadRequest): Promise<void> | void;
    /** Before a load has a session. */
    beforeLogin?(): Promise<void> | void;
    beforeLoad?(request: LoadRequest): Promise<void> | void;
    /** After COMMIT, before the answer: where a crash hurts most. */
    afterCommit?(request: LoadRequest): Promise<void> | void;
    beforeDdl?(statement: string): Promise<void> | void;
    afterDdl?(statement: string): Promise<void> | void;
    beforeRemove?(path: string): Promise<void> | void;
    /** When a side is asked whether it answers. */
    onProbe?(side: 'source' | 'snowflake'): Promise<void> | void;
    beforeRenewal?(): Promise<void> | void;
  };
}

export const staging = stagingSettingsSchema.parse({
  stage: { database: 'DB', schema: 'PUBLIC', name: 'STAGE' },
  s3Uri: 's3://bucket/mig/',
  iamRole: 'default',
  region: 'us-east-1',
});

export function sourceTable(name: string): TableRef {
  return { database: 'dev', schema: 'public', name };
}

export function planInput(names: string[], options: Partial<RunOptions> = {}): PlanInput {
  return {
    projectId: 'p',
    strategy: 'unload',
    staging,
    targetRule: targetRuleSchema.parse({ database: 'DB' }),
    options: runOptionsSchema.parse({ maxAttempts: 1, ...options }),
    selection: names.map((name) => tableSelectionSchema.parse({ source: sourceTable(name) })),
  };
}

export function createFakeWorld(sourceRows: Record<string, number>): FakeWorld {
  const world: FakeWorld = {
    targetRows: new Map(),
    ledger: new Map(),
    leases: new Map(),
    parts: 2,
    calls: [],
    staged: new Map(),
    hooks: {},
    parseManifest: (json) => json as StagedManifest,
    source: undefined as unknown as Source,
    target: undefined as unknown as Target,
  };
  world.source = createFakeSource(world, sourceRows);
  world.target = createFakeTarget(world);
  return world;
}

export function describeSource(name: string, rows: number): TableDescription {
  return {
    ref: sourceTable(name),
    kind: 'table',
    rowEstimate: rows,
    byteEstimate: rows * 100,
    columns: [
      {
        name: 'id',
        ordinal: 1,
        nativeType: 'integer',
        type: columnType('integer', { precision: 10 }),
        nullable: false,
        defaultExpression: null,
        isIdentity: false,
        isComputed: false,
      },
      {
        name: 'note',
        ordinal: 2,
        nativeType: 'character varying(20)',
        type: columnType('text', { length: 20 }),
        nullable: true,
        defaultExpression: null,
        isIdentity: false,
        isComputed: false,
      },
    ],
    primaryKey: ['id'],
    uniqueKeys: [],
    partitionKeys: ['id'],
  };
}

export const fakeSourceDialect: SourceDialect = {
  quoteIdentifier: (name) => `"${name}"`,
  quoteLiteral: (text) => `'${text}'`,
  tableName: ({ schema, name }) => `"${schema}"."${name}"`,
  carry: (column) =>
    column.type.kind === 'unsupported'
      ? { kind: 'not-carried', reason: `${column.nativeType} cannot be carried.` }
      : {
          kind: 'carried',
          expression: `"${column.name}"`,
          carrier:
            column.type.kind === 'integer'
              ? 'native-integer'
              : column.type.kind === 'date'
                ? 'native-date'
                : 'native-text',
          notes: [],
          risk: column.type.kind === 'date' ? 'date-range' : null,
        },
  rangePredicates: (columns, boundaries) =>
    [...boundaries, null].map((boundary, index) => ({
      label: `part ${index}`,
      predicate: `"${columns[0]?.name ?? ''}" < ${boundary?.[0] ?? 'end'}`,
    })),
  selectStatement: ({ table }) => `SELECT FROM ${table.name}`,
  unloadStatement: ({ uri }) => `UNLOAD TO ${uri}`,
};

function createFakeSource(world: FakeWorld, sourceRows: Record<string, number>): Source {
  return {
    kind: 'redshift',
    label: 'fake',
    dialect: fakeSourceDialect,
    test: () => Promise.reject(new Error('not part of this fake')),
    async listDatabases() {
      await world.hooks.onProbe?.('source');
      return ['dev'];
    },
    listTables: () => Promise.resolve([]),
    describeTables: (tables) =>
      Promise.resolve(
        tables.map(({ name }) => (name in sourceRows ? describeSource(name, sourceRows[name] ?? 0) : null)),
      ),
    profileValues: () => Promise.resolve([]),
    countRows: ({ table }) => Promise.resolve(sourceRows[table.name] ?? 0),
    previewRows: () => Promise.resolve({ columns: [], rows: [] }),
    quantiles: ({ count }) => Promise.resolve(Array.from({ length: count - 1 }, (_, index) => [String(index + 1)])),
    async unload(request, { signal }) {
      await world.hooks.beforeUnload?.(request);
      signal.throwIfAborted();
      const parts = request.select.conditions.length > 0 ? world.parts : 1;
      const rows = (sourceRows[request.select.table.name] ?? 0) / parts;
      world.calls.push(`unload ${request.select.table.name}`);
      world.staged.set(request.uri.slice(staging.s3Uri.length), rows);
      return { sourceRows: rows, unloadedRows: rows, queryId: null, elapsedMs: 1 };
    },
    close: () => Promise.resolve(),
  };
}

const fakeTargetDialect: TargetDialect = {
  quoteIdentifier: (name) => `"${name}"`,
  quoteLiteral: (text) => `'${text}'`,
  tableName: ({ name }) => name,
  foldIdentifier: (name) => name.toUpperCase(),
  inferType: (type) => (type.kind === 'integer' ? 'NUMBER(38,0)' : type.kind === 'date' ? 'DATE' : 'VARCHAR(20)'),
  loadExpression: ({ alias, targetType, nullOutOfRange }) => ({
    kind: 'loads',
    expression: `${nullOutOfRange ? 'TRY ' : ''}$1:${alias}::${targetType}`,
    notes: [],
  }),
  createTable: ({ table }) => `CREATE ${table.name}`,
  createSchema: (_database, schema) => `CREATE SCHEMA ${schema}`,
  createLike: ({ table }) => `CREATE ${table.name}`,
  swapTables: ({ table, other }) => `SWAP ${table.name} ${other.name}`,
  dropTable: ({ name }) => `DROP ${name}`,
  truncateTable: ({ name }) => `TRUNCATE ${name}`,
  copyStatement: ({ table }) => `COPY ${table.name}`,
  stageStatement: () => 'CREATE STAGE',
  loadStatements: ({ table }) => [`COPY ${table.name}`],
  compareColumns: () => [],
};

function createFakeTarget(world: FakeWorld): Target {
  const ages = new Map<string, number>();
  let clock = 1_700_000_000_000;
  const key = (row: Pick<LedgerRow, 'runId' | 'tableId' | 'partitionId'>): string =>
    `${row.runId} ${row.tableId} ${row.partitionId}`;
  const swap = <V>(map: Map<string, V>, one: string, other: string): void => {
    const [a, b] = [map.get(one), map.get(other)];
    if (b !== undefined) map.set(one, b);
    if (a !== undefined) map.set(other, a);
  };
  const describe = ({ name, ...rest }: TableRef): TargetTable | null => {
    const rowCount = world.targetRows.get(name);
    if (rowCount === undefined) return null;
    return { ref: { name, ...rest }, rowCount, createdAt: new Date(ages.get(name) ?? 0).toISOString(), columns: [] };
  };
  return {
    label: 'fake',
    dialect: fakeTargetDialect,
    test: () => Promise.reject(new Error('not part of this fake')),
    list: () => Promise.resolve([{ name: 'DB', detail: '', url: null }]),
    describeStage: () => Promise.resolve({ url: 's3://bucket/', storageIntegration: null }),
    createStage: () => Promise.resolve(),
    ensureInternalStage: () => Promise.resolve(),
    putFile: () => Promise.resolve(),
    listStaged: ({ path }) =>
      Promise.resolve(
        [...world.staged]
          .map(([attempt, rows]) => ({ path: `mig/${attempt}0000_part_00.parquet`, bytes: rows * 10 }))
          .filter((file) => file.path.startsWith(path)),
      ),
    async removeStaged({ path }) {
      await world.hooks.beforeRemove?.(path);
      world.calls.push('remove');
      const below = [...world.staged.keys()].filter((attempt) => `mig/${attempt}`.startsWith(path));
      for (const attempt of below) world.staged.delete(attempt);
      return below.length;
    },
    readStagedJson({ path }) {
      const attempt = path.slice('mig/'.length, -'manifest'.length);
      const rows = world.staged.get(attempt);
      if (rows === undefined) return Promise.reject(new AppError('S3_OBJECT_MISSING', { facts: { key: path } }));
      const files = [{ key: `mig/${attempt}0000_part_00.parquet`, bytes: rows * 10, rows }];
      return Promise.resolve({ files, rows, bytes: rows * 10, digest: 'digest' } satisfies StagedManifest);
    },
    countStagedRows: () => Promise.resolve(1),
    describeTables: (tables) => Promise.resolve(tables.map(describe)),
    countRows: ({ name }) => Promise.resolve(world.targetRows.get(name) ?? 0),
    countManyRows: (tables) => Promise.resolve(tables.map(({ name }) => world.targetRows.get(name) ?? null)),
    async runDdl(statement) {
      await world.hooks.beforeDdl?.(statement);
      world.calls.push(statement);
      const [verb, one = '', other = ''] = statement.split(' ');
      if (verb === 'CREATE' && one !== 'SCHEMA') {
        world.targetRows.set(one, 0);
        ages.set(one, (clock += 1000));
      }
      if (verb === 'DROP') world.targetRows.delete(one);
      if (verb === 'TRUNCATE') world.targetRows.set(one, 0);
      if (verb === 'SWAP') {
        swap(world.targetRows, one, other);
        swap(ages, one, other);
      }
      await world.hooks.afterDdl?.(statement);
    },
    ensureLedger: () => Promise.resolve(),
    registerPartitions({ rows }) {
      for (const row of rows) if (!world.ledger.has(key(row))) world.ledger.set(key(row), row);
      return Promise.resolve();
    },
    forgetLoads({ runId, tableId }) {
      const rows = [...world.ledger.values()].filter((row) => row.runId === runId && row.tableId === tableId);
      for (const row of rows)
        world.ledger.set(key(row), { ...row, state: 'PLANNED', attemptId: null, loadedRows: null });
      return Promise.resolve(rows.length);
    },
    readLedger: ({ runId }) => Promise.resolve([...world.ledger.values()].filter((row) => row.runId === runId)),
    abortOrphans: () => Promise.resolve(0),
    async ping() {
      await world.hooks.onProbe?.('snowflake');
    },
    acquireLease({ runId, holder, takeOverFrom }) {
      const known = world.leases.get(runId);
      const isFree = !known || known.isExpired || known.instanceId === holder.id || known.instanceId === takeOverFrom;
      if (!isFree) return Promise.resolve({ kind: 'held-by-other', by: known });
      world.leases.set(runId, leaseOf(holder));
      return Promise.resolve({ kind: 'held' });
    },
    async renewLease({ runId, instanceId }) {
      await world.hooks.beforeRenewal?.();
      const known = world.leases.get(runId);
      if (known?.instanceId !== instanceId) return { kind: 'lost', by: known ?? null };
      world.leases.set(runId, { ...known, isExpired: false });
      return { kind: 'held' };
    },
    releaseLease({ runId, instanceId }) {
      if (world.leases.get(runId)?.instanceId === instanceId) world.leases.delete(runId);
      return Promise.resolve();
    },
    otherRunsInto({ runId }) {
      const mine = new Set(
        [...world.ledger.values()].filter((row) => row.runId === runId).map((row) => row.targetTable),
      );
      const others = [...world.ledger.values()].filter((row) => row.runId !== runId && mine.has(row.targetTable));
      return Promise.resolve(
        others.flatMap((row) => {
          const holder = world.leases.get(row.runId);
          return holder && !holder.isExpired ? [{ targetTable: row.targetTable, runId: row.runId, holder }] : [];
        }),
      );
    },
    async loadPartition(request, { signal }) {
      await world.hooks.beforeLogin?.();
      request.onSession?.('session');
      await world.hooks.beforeLoad?.(request);
      signal.throwIfAborted();
      const row = world.ledger.get(key(request));
      if (!row) throw new Error('the partition is not in the ledger');
      if (row.state === 'LOADED') return { kind: 'already-loaded', loadedRows: row.loadedRows ?? 0 };
      if (request.files.length > 0 && !world.staged.has(request.path.slice('mig/'.length))) {
        throw new AppError('LOAD_REFUSED', {
          facts: { table: request.table.name, file: request.path, detail: 'missing' },
        });
      }
      const lease = world.leases.get(request.runId);
      if (request.lease && (lease?.instanceId !== request.lease.instanceId || lease.isExpired))
        throw new AppError('LEASE_LOST', { facts: { holder: 'another', since: 'now' } });
      world.calls.push(`load ${request.table.name}`);
      world.targetRows.set(request.table.name, (world.targetRows.get(request.table.name) ?? 0) + request.expectedRows);
      world.ledger.set(key(request), {
        ...row,
        state: 'LOADED',
        attemptId: request.attemptId,
        loadedRows: request.expectedRows,
        expectedRows: request.expectedRows,
      });
      await world.hooks.afterCommit?.(request);
      return { kind: 'loaded', loadedRows: request.expectedRows, queryId: 'q', elapsedMs: 1 };
    },
    close: () => Promise.resolve(),
  };
}

export function leaseOf({ id, host, pid, user, machine }: JournalInstance): LeaseState & { isExpired: boolean } {
  const at = '2026-01-01 00:00:00 UTC';
  return { instanceId: id, host, pid, user, machine, since: at, renewedAt: at, expiresAt: at, isExpired: false };
}
