import { z } from 'zod';
import type { ErrorValue } from '../errors/app-error.ts';
import { appSettingsSchema, type AppSettings } from '../model/app-settings.ts';
import type { CheckResult, ConnectionReport } from '../model/check.ts';
import { secretSlotSchema, type SecretSlot, type SnowflakeSettings } from '../model/connection-settings.ts';
import type { MigrationPlan, PartitionStatements } from '../model/plan.ts';
import {
  existingRowsSchema,
  projectPatchSchema,
  projectSchema,
  type Project,
  type ProjectCard,
} from '../model/project.ts';
import type {
  JournalFinding,
  PartitionError,
  PartitionProgress,
  RunDelta,
  RunEvent,
  RunSnapshot,
  RunSummary,
} from '../model/run.ts';
import {
  tableRefSchema,
  type ColumnDifference,
  type TableDescription,
  type TableRef,
  type TableSummary,
  type TargetTable,
} from '../model/table.ts';
import type { ValidationReport } from '../model/validation.ts';
import type { CallName, EventName } from './channels.ts';

const nothing = z.undefined().or(z.object({}));
/** No id is longer. The journal's database ends a text at a NUL. */
const id = z
  .string()
  .max(300)
  .regex(/^[^\0]*$/);
const projectId = z.object({ projectId: id });
const runId = z.object({ runId: id });
const planId = z.object({ planId: id });
const runTable = runId.extend({ tableId: id });
const stageRef = z.object({ database: z.string(), schema: z.string(), name: z.string() });

/** Input of every call. Main parses it before anything runs; what does not fit is answered with INPUT_INVALID. */
export const CALL_INPUTS = {
  'app.info': nothing,
  'app.settings': nothing,
  'app.saveSettings': appSettingsSchema.partial(),
  /** Opens a page in the system's browser; only https pages of a fixed list of hosts. */
  'app.openExternal': z.object({ url: z.url() }),
  /** Shows a native dialog to choose a file; the answer is its path, or null when cancelled. */
  'app.chooseFile': z.object({
    title: z.string().max(200),
    extensions: z.array(z.string().regex(/^[\w-]{1,20}$/)).max(20),
  }),
  /** What a closing window does with a run in progress, chosen in the dialog that `window.closeRequested` asks for. */
  'app.closeWindow': z.object({ decision: z.enum(['background', 'pause', 'cancel', 'stay']) }),

  'projects.list': nothing,
  'projects.create': projectSchema.pick({ name: true, sourceKind: true }),
  'projects.get': projectId,
  'projects.update': projectId.extend({ revision: z.number().int(), patch: projectPatchSchema }),
  'projects.duplicate': projectId,
  'projects.delete': projectId,

  'secrets.status': projectId,
  /** Stores or, with null, forgets secrets. */
  'secrets.set': projectId.extend({
    values: z.partialRecord(secretSlotSchema, z.string().nullable()),
    /** Takes the secrets of this entry of connections.toml or config.toml too; they never pass through the window. */
    fromNamedConnection: z.string().optional(),
  }),

  'source.test': projectId,
  'source.listDatabases': projectId,
  'source.listTables': projectId,
  'source.describeTable': projectId.extend({ table: tableRefSchema }),
  'source.preview': projectId.extend({ table: tableRefSchema }),
  'source.parseConnectionText': z.object({ text: z.string().max(4000) }),

  'snowflake.namedConnections': nothing,
  /** `passcode`: the MFA code of the moment; it goes with this one login and is kept nowhere. */
  'snowflake.test': projectId.extend({ passcode: z.string().trim().optional() }),
  'snowflake.list': projectId.extend({
    what: z.enum(['databases', 'schemas', 'stages', 'warehouses', 'roles', 'storage-integrations']),
    database: z.string().optional(),
    schema: z.string().optional(),
  }),
  /** The statement that createStage would run, secrets masked. */
  'snowflake.stageDdl': projectId.extend({
    stage: stageRef,
    s3Uri: z.string(),
    access: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('integration'), integration: z.string() }),
      z.object({ kind: z.literal('keys') }),
    ]),
    encryption: z.enum(['none', 'sse-s3', 'sse-kms']).default('none'),
  }),
  'snowflake.createStage': projectId.extend({
    stage: stageRef,
    s3Uri: z.string(),
    access: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('integration'), integration: z.string() }),
      z.object({ kind: z.literal('keys') }),
    ]),
    encryption: z.enum(['none', 'sse-s3', 'sse-kms']).default('none'),
  }),

  /** Runs all checks of the S3 page, or one of them; progress comes as `staging.checkProgress`. */
  'staging.check': projectId.extend({ only: z.string().optional() }),
  'staging.policies': z.object({ s3Uri: z.string() }),
  'staging.detectRegion': projectId.extend({ s3Uri: z.string() }),

  /** The source's tables with the state of their targets, for the selection page. */
  'tables.targets': projectId.extend({ tables: z.array(tableRefSchema) }),
  'tables.detail': projectId.extend({ table: tableRefSchema }),

  'plan.build': projectId,
  'plan.get': planId,
  'plan.statements': planId.extend({ tableId: id, partitionId: id }),

  'run.start': planId,
  'run.pause': runId,
  'run.resume': runId,
  'run.cancel': runId,
  /** `failed` goes on with what is not loaded, under the project's settings of now; `all` is a new run of the same tables, and `existingRows` says what
   * happens to the rows that are there. */
  'run.retry': runId.extend({
    which: z.enum(['failed', 'all']),
    existingRows: existingRowsSchema.default('truncate'),
    tableIds: z.array(id).optional(),
  }),
  'run.setLanes': runId.extend({
    unloadLanes: z.number().int().min(1).max(32),
    loadLanes: z.number().int().min(1).max(32),
    /** Loads at the same time into one table; left as it is when not given. */
    loadLanesPerTable: z.number().int().min(1).max(8).optional(),
  }),
  /** What is at work of the table is finished, nothing new of it begins; the run's other tables go on. */
  'run.pauseTable': runTable,
  /** Goes on with a table that was paused; a run that is not at work goes on with this table alone. */
  'run.resumeTable': runTable,
  /** Stops what is at work of the table. What it has committed stays, and the answer's `stays` says what that is. */
  'run.cancelTable': runTable,
  /** Failed and cancelled tables once more, also while the run is at work with others; what is loaded of them stays. */
  'run.retryTables': runId.extend({ tableIds: z.array(id).min(1) }),
  /** Limits of one table; null gives it back to the run's. */
  'run.setTableLanes': runTable.extend({
    unloadLanes: z.number().int().min(1).max(32).nullable(),
    loadLanes: z.number().int().min(1).max(8).nullable(),
  }),
  /** For a run that paused with `needs-you`: stores the secrets with its project and goes on. Without secrets: goes on after settings were mended. */
  'run.continueWith': runId.extend({ secrets: z.partialRecord(secretSlotSchema, z.string()).default({}) }),
  /** Failed tries of a table, oldest first; those of one partition when it is given. */
  'run.errors': runTable.extend({ partitionId: id.optional() }),
  /** Runs of all projects that can go on: paused, interrupted by a crash, or finished with failed tables that nothing was done about. Newest first. */
  'run.unfinished': nothing,
  /** What was wrong with the journal when the app started; empty for nothing. */
  'run.journalFindings': nothing,
  'run.snapshot': runId,
  'run.list': projectId,
  'run.partitions': runTable,
  'run.events': runId.extend({
    before: z.number().int().optional(),
    limit: z.number().int().min(1).max(1000).default(200),
  }),
  /** Asks for a place to save and writes the results there; the answer is the path, or null when cancelled. */
  'run.export': runId.extend({ format: z.enum(['csv', 'json']) }),

  'validation.run': runId,
  'validation.latest': runId,

  'practice.available': nothing,
  /** Starts the practice environment if need be and makes a ready project on it. */
  'practice.start': nothing,
} as const satisfies Record<CallName, z.ZodType>;

export type CallInput<Name extends CallName> = z.input<(typeof CALL_INPUTS)[Name]>;
export type ParsedCallInput<Name extends CallName> = z.output<(typeof CALL_INPUTS)[Name]>;

/** What each call answers. */
export interface CallOutputs {
  'app.info': AppInfo;
  'app.settings': AppSettings;
  'app.saveSettings': AppSettings;
  'app.openExternal': null;
  'app.chooseFile': string | null;
  'app.closeWindow': null;
  'projects.list': ProjectCard[];
  'projects.create': Project;
  'projects.get': Project;
  'projects.update': Project;
  'projects.duplicate': Project;
  'projects.delete': null;
  'secrets.status': SecretStatus;
  'secrets.set': SecretStatus;
  'source.test': ConnectionReport;
  'source.listDatabases': string[];
  'source.listTables': TableSummary[];
  'source.describeTable': TableDescription;
  'source.preview': PreviewRows;
  'source.parseConnectionText': ParsedConnectionText | null;
  'snowflake.namedConnections': NamedConnection[];
  'snowflake.test': ConnectionReport;
  'snowflake.list': SnowflakeObject[];
  'snowflake.stageDdl': string;
  'snowflake.createStage': null;
  'staging.check': CheckResult[];
  'staging.policies': { unloadRole: string; cleanUpUser: string };
  'staging.detectRegion': string;
  'tables.targets': TableTarget[];
  'tables.detail': TableDetail;
  'plan.build': MigrationPlan;
  'plan.get': MigrationPlan;
  'plan.statements': PartitionStatements;
  'run.start': RunSnapshot;
  'run.pause': RunSnapshot;
  'run.resume': RunSnapshot;
  'run.cancel': RunSnapshot;
  'run.retry': RunSnapshot;
  'run.setLanes': RunSnapshot;
  'run.pauseTable': RunSnapshot;
  'run.resumeTable': RunSnapshot;
  'run.cancelTable': RunSnapshot;
  'run.retryTables': RunSnapshot;
  'run.setTableLanes': RunSnapshot;
  'run.continueWith': RunSnapshot;
  'run.errors': PartitionError[];
  'run.unfinished': RunSummary[];
  'run.journalFindings': JournalFinding[];
  'run.snapshot': RunSnapshot;
  'run.list': RunSummary[];
  'run.partitions': PartitionProgress[];
  'run.events': RunEvent[];
  'run.export': string | null;
  'validation.run': ValidationReport;
  'validation.latest': ValidationReport | null;
  'practice.available': boolean;
  'practice.start': Project;
}

/** Events from main. */
export interface EventPayloads {
  'run.changed': RunDelta;
  'staging.checkProgress': { projectId: string; check: CheckResult };
  'projects.changed': { projectId: string };
  'practice.progress': { text: string };
  'validation.progress': { runId: string; done: number; total: number };
  /** The user wants to close the window while a run is in progress: the page asks what to do. */
  'window.closeRequested': { runIds: string[] };
  /** A native menu item that the page carries out. */
  'menu.command': { command: 'home' | 'new-project' | 'settings' | 'toggle-help' };
}

export type CallResult<Name extends CallName> =
  { ok: true; value: CallOutputs[Name] } | { ok: false; error: ErrorValue };

/** `window.api`: all that the preload script exposes. `callId` names a call, so that `cancel` can end it. */
export interface Bridge {
  invoke<Name extends CallName>(name: Name, input: CallInput<Name>, callId: string): Promise<CallResult<Name>>;
  cancel(callId: string): void;
  on<Name extends EventName>(name: Name, listener: (payload: EventPayloads[Name]) => void): () => void;
}

export interface AppInfo {
  version: string;
  platform: string;
  electron: string;
  /** Where secrets are kept: the system's keychain, or this session's memory only. */
  secretStorage: 'keychain' | 'session';
  /** True for the older runtime that tests and practice use. */
  isPracticeRuntime: boolean;
  dataDirectory: string;
}

export interface SecretStatus {
  storage: 'keychain' | 'session';
  isSet: Partial<Record<SecretSlot, boolean>>;
}

export interface PreviewRows {
  columns: string[];
  /** Values as text, cut to 200 characters; null is NULL. */
  rows: (string | null)[][];
}

/** What a pasted JDBC URL, ODBC string, account URL or snowsql line says. Secrets in it are dropped. */
export interface ParsedConnectionText {
  kind: 'redshift' | 'sqlserver' | 'snowflake';
  /** For example "JDBC URL". */
  form: string;
  values: Record<string, string | number>;
}

/** An entry of connections.toml or config.toml; secrets stay in the file until the connection is used. */
export interface NamedConnection {
  name: string;
  file: string;
  isDefault: boolean;
  settings: SnowflakeSettings | null;
  /** Why it cannot be used, when `settings` is null. */
  problem: string | null;
}

export interface SnowflakeObject {
  name: string;
  detail: string;
  /** Stages: the URL; others: null. */
  url: string | null;
}

export interface TableTarget {
  source: TableRef;
  target: TableRef;
  state: 'exists' | 'missing' | 'differs';
  targetRows: number | null;
  differences: ColumnDifference[];
}

export interface TableDetail {
  description: TableDescription;
  target: TargetTable | null;
  plan: MigrationPlan['tables'][number];
}
