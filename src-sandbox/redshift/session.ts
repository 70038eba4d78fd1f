import type { Duplex } from 'node:stream';
import { BackendError } from './backend-connection.ts';
import type { BackendConnection } from './backend-connection.ts';
import { classifyQuery } from './classify-statement.ts';
import type { ClassifiedStatement } from './classify-statement.ts';
import type { RewriteSession } from './rewrite-sql.ts';
import type { UnloadOutcome } from './run-unload.ts';
import { isOn } from './session-settings.ts';
import { splitStatements } from './sql-tokens.ts';
import type { UnloadStatement } from './unload-statement.ts';
import {
  commandComplete,
  createMessageReader,
  dataRow,
  errorResponse,
  int16,
  message,
  noticeResponse,
  parseDataRow,
  parseFields,
  parseRowDescription,
  queryMessage,
  readCString,
  readyForQuery,
  RedshiftError,
} from './wire.ts';
import type { RedshiftErrorFields } from './wire.ts';

/** What a test may do to a message of a client: let it be, answer it with an error, cut the connection, never answer, or wait first. */
export type RedshiftFault =
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'delay'; readonly delayMs: number };

export interface RedshiftMessageInfo {
  /** The statement of a simple query, or of the Parse message of an extended one. */
  readonly sql: string;
  readonly user: string;
  readonly isUnload: boolean;
  /** Counts the statements of this endpoint, from 1. */
  readonly number: number;
}

export interface SessionOptions {
  readonly client: Duplex;
  readonly backend: BackendConnection;
  readonly user: string;
  readonly database: string;
  readonly isCaseSensitive: boolean;
  /** OIDs of Redshift's own types, as PostgreSQL has them, to their names. */
  readonly redshiftTypes: ReadonlyMap<number, string>;
  nextQueryId(): number;
  runUnload(input: {
    statement: UnloadStatement;
    sql: string;
    queryId: number;
    session: Session;
    signal: AbortSignal;
  }): Promise<UnloadOutcome>;
  onMessage(info: RedshiftMessageInfo): RedshiftFault | undefined | Promise<RedshiftFault | undefined>;
}

/** The OIDs by which drivers know Redshift's own types. */
const WIRE_OIDS: Readonly<Record<string, number>> = {
  geometry: 3000,
  geography: 3001,
  hllsketch: 2935,
  super: 4000,
  varbyte: 6551,
};
/** https://docs.aws.amazon.com/redshift/latest/dg/c_redshift-sql.html: "The maximum size for a single SQL statement is 16 MB." */
const MAX_STATEMENT_BYTES = 16 * 1024 * 1024;
const HIDDEN_PARAMETERS = new Set([
  'in_hot_standby',
  'default_transaction_read_only',
  'scram_iterations',
  'search_path',
  'standard_conforming_strings',
  'IntervalStyle',
  'application_name',
]);

interface VirtualStatement {
  readonly statement: Exclude<ClassifiedStatement, { kind: 'run' }>;
}

/**
 * One client's session after login: everything passes through to the PostgreSQL connection but what Redshift does otherwise.
 * Statements of one session run one after the other, so a session has one UNLOAD at most.
 */
export class Session {
  readonly backend: BackendConnection;
  readonly user: string;
  readonly database: string;
  private readonly options: SessionOptions;
  private readonly client: Duplex;
  private readonly read = createMessageReader(MAX_STATEMENT_BYTES + 65_536);
  private queue: { type: number; bytes: Buffer }[] = [];
  private isPumping = false;
  private isClosed = false;
  private isSkippingToSync = false;
  private readonly statements = new Map<string, VirtualStatement>();
  private readonly portals = new Map<string, VirtualStatement>();
  private pendingExtended = 0;
  private unloadAbort: AbortController | undefined;
  private state: RewriteSession;
  private varbyteColumns: ReadonlySet<number> = new Set();

  constructor(options: SessionOptions) {
    this.options = options;
    this.client = options.client;
    this.backend = options.backend;
    this.user = options.user;
    this.database = options.database;
    this.state = { isCaseSensitive: options.isCaseSensitive, lastQueryId: -1, lastUnloadCount: 0, lastUnloadId: -1 };
  }

  /** Takes over the client: `first` is what arrived behind the login. */
  start(first: Buffer): void {
    const { client, backend } = this;
    backend.passTo(
      (bytes) => {
        if (!client.write(bytes)) {
          backend.pause();
          client.once('drain', () => backend.resume());
        }
      },
      (type, bytes) => this.filter(type, bytes),
    );
    backend.onClose(() => this.close());
    client.on('data', (chunk: Buffer) => this.onClientBytes(chunk));
    client.on('close', () => this.close());
    client.on('error', () => this.close());
    client.resume();
    if (first.length > 0) this.onClientBytes(first);
  }

  /** A CancelRequest. */
  cancel(): void {
    if (this.unloadAbort !== undefined) this.unloadAbort.abort();
    else this.backend.cancel();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.unloadAbort?.abort();
    if (!this.backend.isQuiet) this.backend.cancel();
    this.backend.close();
    this.client.destroy();
  }

  private onClientBytes(chunk: Buffer): void {
    try {
      this.queue.push(...this.read(chunk));
    } catch (error) {
      if (error instanceof RedshiftError) this.client.write(errorResponse(error.fields));
      this.close();
      return;
    }
    if (!this.isPumping) void this.pump();
  }

  private async pump(): Promise<void> {
    this.isPumping = true;
    this.client.pause();
    try {
      for (let next = this.queue.shift(); next !== undefined && !this.isClosed; next = this.queue.shift()) {
        await this.handle(next.type, next.bytes);
      }
    } catch {
      this.close();
    }
    this.isPumping = false;
    if (!this.isClosed) this.client.resume();
  }

  private async handle(type: number, bytes: Buffer): Promise<void> {
    switch (String.fromCharCode(type)) {
      case 'X':
        this.close();
        return;
      case 'Q':
        await this.onSimpleQuery(bytes);
        return;
      case 'S':
        this.isSkippingToSync = false;
        this.pendingExtended = 0;
        this.backend.forward(bytes);
        return;
      case 'P':
      case 'B':
      case 'D':
      case 'E':
      case 'C':
      case 'H':
        if (!this.isSkippingToSync) await this.onExtended(String.fromCharCode(type), bytes);
        return;
      default:
        await this.failAlone({ code: '08P01', message: `invalid frontend message type ${type}` });
    }
  }

  private async onSimpleQuery(bytes: Buffer): Promise<void> {
    const sql = readCString(bytes, 5).value;
    if (await this.isFaulted(sql, false)) return;
    if (bytes.length > MAX_STATEMENT_BYTES) {
      await this.failAlone({
        code: '54000',
        message: `Statement is too large. Statement Size: ${bytes.length} bytes. Maximum Allowed: ${MAX_STATEMENT_BYTES} bytes`,
      });
      return;
    }
    const parts = classifyQuery(sql, this.state);
    const isPlain = parts.every((part) => part.kind === 'run' && (parts.length === 1 || !part.mustRunAlone));
    if (!isPlain) {
      await this.runOneByOne(sql, parts);
      return;
    }
    this.noteQuery();
    for (const part of parts) this.noteSetting(part);
    const isRewritten = parts.some((part) => part.kind === 'run' && part.isRewritten);
    const text = parts.map((part) => (part.kind === 'run' ? part.sql : '')).join(';\n');
    this.backend.forward(isRewritten ? queryMessage(text) : bytes);
    // Its answer may be needed by what comes next: one simple query at a time, as the protocol wants it.
    await this.backend.whenQuiet();
  }

  /** A query string with something in it that PostgreSQL must not see; the first failure ends it, as in PostgreSQL. */
  private async runOneByOne(sql: string, parts: readonly ClassifiedStatement[]): Promise<void> {
    await this.backend.whenQuiet();
    // Cut first and classified one by one, so that each statement sees the settings of those before it.
    const texts = parts.length === 1 ? [sql] : splitStatements(sql).map((statement) => statement.text);
    for (const text of texts) {
      const [part] = classifyQuery(text, this.state);
      if (part === undefined) continue;
      this.noteQuery();
      const isDone = part.kind === 'run' ? await this.runOnBackend(part.sql) : await this.runVirtual(part);
      if (!isDone) break;
      this.noteSetting(part);
    }
    this.client.write(readyForQuery(this.backend.status));
  }

  /** Runs one statement and passes its answer on without the ReadyForQuery. */
  private async runOnBackend(sql: string): Promise<boolean> {
    let hasFailed = false;
    this.heldReady = (type) => {
      if (type === 0x45) hasFailed = true;
    };
    this.backend.forward(queryMessage(sql));
    await this.backend.whenQuiet();
    this.heldReady = undefined;
    return !hasFailed;
  }

  private heldReady: ((type: number) => void) | undefined;

  private async onExtended(type: string, bytes: Buffer): Promise<void> {
    if (type === 'P') return this.onParse(bytes);
    if (type === 'H') return this.forwardExtended(bytes);
    const name = readCString(bytes, type === 'D' || type === 'C' ? 6 : 5);
    if (type === 'B') return this.onBind(bytes, name);
    if (type === 'E') return this.onExecute(bytes, name);
    const isPortal = bytes[5] === 0x50;
    const virtual = (isPortal ? this.portals : this.statements).get(name.value);
    if (virtual === undefined) return this.forwardExtended(bytes);
    if (type === 'D') {
      this.client.write(Buffer.concat([isPortal ? Buffer.alloc(0) : message('t', int16(0)), message('n')]));
      return;
    }
    (isPortal ? this.portals : this.statements).delete(name.value);
    this.client.write(message('3'));
  }

  private async onParse(bytes: Buffer): Promise<void> {
    const name = readCString(bytes, 5);
    const text = readCString(bytes, name.next);
    if (await this.isFaulted(text.value, true)) return;
    const parts = classifyQuery(text.value, this.state);
    this.statements.delete(name.value);
    this.noteQuery();
    if (parts.length > 1) {
      await this.failExtended({ code: '42601', message: 'cannot insert multiple commands into a prepared statement' });
      return;
    }
    const [part] = parts;
    if (part === undefined || part.kind === 'run') {
      if (part !== undefined) this.noteSetting(part);
      const rewritten = part?.kind === 'run' && part.isRewritten;
      this.forwardExtended(rewritten ? message('P', name.value, part.sql, bytes.subarray(text.next)) : bytes);
      return;
    }
    if (part.kind === 'refuse') {
      await this.failExtended(part.fields);
      return;
    }
    if (this.pendingExtended > 0) {
      await this.failExtended({
        code: '0A000',
        message: 'UNLOAD cannot be sent behind other statements of the same Sync',
      });
      return;
    }
    this.statements.set(name.value, { statement: part });
    this.client.write(message('1'));
  }

  private onBind(bytes: Buffer, portal: { value: string; next: number }): void {
    const statement = readCString(bytes, portal.next);
    const virtual = this.statements.get(statement.value);
    this.portals.delete(portal.value);
    if (virtual === undefined) {
      this.forwardExtended(bytes);
      return;
    }
    this.portals.set(portal.value, virtual);
    this.client.write(message('2'));
  }

  private async onExecute(bytes: Buffer, portal: { value: string; next: number }): Promise<void> {
    const virtual = this.portals.get(portal.value);
    if (virtual !== undefined) {
      if (this.pendingExtended > 0) {
        await this.failExtended({
          code: '0A000',
          message: 'UNLOAD cannot be sent together with other statements before a Sync',
        });
        return;
      }
      await this.backend.whenQuiet();
      if (!(await this.runVirtual(virtual.statement))) this.isSkippingToSync = true;
      return;
    }
    // Redshift ignores the row limit: a portal is never suspended (node-pg-cursor #14).
    this.forwardExtended(bytes.readInt32BE(portal.next) === 0 ? bytes : message('E', portal.value, 0));
  }

  private forwardExtended(bytes: Buffer): void {
    this.pendingExtended += 1;
    this.backend.forward(bytes);
  }

  private async runVirtual(part: Exclude<ClassifiedStatement, { kind: 'run' }>): Promise<boolean> {
    if (part.kind === 'refuse') {
      await this.fail(part.fields);
      return false;
    }
    if (this.backend.status === 'E') {
      await this.fail({
        code: '25P02',
        message: 'current transaction is aborted, commands ignored until end of transaction block',
      });
      return false;
    }
    const queryId = this.state.lastQueryId;
    const abort = new AbortController();
    this.unloadAbort = abort;
    try {
      const { rows } = await this.options.runUnload({
        statement: part.unload,
        sql: part.sql,
        queryId,
        session: this,
        signal: abort.signal,
      });
      this.state = { ...this.state, lastUnloadCount: rows, lastUnloadId: queryId };
      this.client.write(
        Buffer.concat([
          noticeResponse({ code: '00000', message: `UNLOAD completed, ${rows} record(s) unloaded successfully.` }),
          commandComplete('UNLOAD'),
        ]),
      );
      return true;
    } catch (error) {
      await this.fail(toErrorFields(error, queryId));
      return false;
    } finally {
      this.unloadAbort = undefined;
    }
  }

  /** Tells the client of an error that PostgreSQL knows nothing of, and makes the open transaction fail as it would have. */
  private async fail(fields: RedshiftErrorFields): Promise<void> {
    if (this.backend.status === 'T') {
      await this.backend.whenQuiet();
      await this.backend.query('SELECT pg_catalog.redshift_abort()').catch(() => undefined);
    }
    this.client.write(errorResponse(fields));
  }

  private async failExtended(fields: RedshiftErrorFields): Promise<void> {
    this.isSkippingToSync = true;
    if (this.pendingExtended > 0) {
      // What was sent before has to be answered first; a Flush alone would not tell when it was.
      this.backend.forward(message('S'));
      this.suppressReady = true;
      await this.backend.whenQuiet();
      this.suppressReady = false;
    }
    await this.fail(fields);
  }

  private suppressReady = false;

  private async failAlone(fields: RedshiftErrorFields): Promise<void> {
    await this.backend.whenQuiet();
    await this.fail(fields);
    this.client.write(readyForQuery(this.backend.status));
  }

  private async isFaulted(sql: string, isExtended: boolean): Promise<boolean> {
    const number = this.options.nextQueryId();
    const isUnload = /^\s*unload\b/i.test(sql);
    const fault = await this.options.onMessage({ sql, user: this.user, isUnload, number });
    this.state = { ...this.state, lastQueryId: number };
    if (fault === undefined) return false;
    if (fault.kind === 'delay') {
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      return false;
    }
    if (fault.kind === 'stall') await new Promise((resolve) => this.client.once('close', resolve));
    else if (fault.kind === 'drop') this.close();
    else if (isExtended) await this.failExtended(fault);
    else await this.failAlone(fault);
    return true;
  }

  private noteQuery(): void {
    this.varbyteColumns = new Set();
    this.backend.filtersRows = false;
  }

  private noteSetting(part: ClassifiedStatement): void {
    if (part.kind !== 'run' || part.setting?.name !== 'enable_case_sensitive_identifier') return;
    this.state = { ...this.state, isCaseSensitive: isOn(part.setting.value) };
  }

  private filter(type: number, bytes: Buffer): Buffer | null {
    this.heldReady?.(type);
    if (type === 0x5a && (this.heldReady !== undefined || this.suppressReady)) return null;
    if (type === 0x54) return this.filterRowDescription(bytes);
    if (type === 0x44) return this.filterDataRow(bytes);
    if (type === 0x45) return this.filterError(bytes);
    if (type === 0x53) return filterParameterStatus(bytes);
    return bytes;
  }

  private filterRowDescription(bytes: Buffer): Buffer {
    const fields = parseRowDescription(bytes.subarray(5));
    const varbytes = new Set<number>();
    let changed: Buffer | undefined;
    for (const [index, field] of fields.entries()) {
      const name = this.options.redshiftTypes.get(field.typeOid);
      if (name === undefined) continue;
      changed ??= Buffer.from(bytes);
      changed.writeUInt32BE(WIRE_OIDS[name] ?? field.typeOid, 5 + field.typeOidOffset);
      if (name === 'varbyte') varbytes.add(index);
    }
    this.varbyteColumns = varbytes;
    this.backend.filtersRows = varbytes.size > 0;
    return changed ?? bytes;
  }

  /** VARBYTE values are shown in hexadecimal without PostgreSQL's \x. */
  private filterDataRow(bytes: Buffer): Buffer {
    if (this.varbyteColumns.size === 0) return bytes;
    const cells = parseDataRow(bytes.subarray(5));
    return dataRow(
      cells.map((cell, index) => {
        const isHex = cell !== null && this.varbyteColumns.has(index) && cell[0] === 0x5c && cell[1] === 0x78;
        return isHex ? cell.subarray(2) : cell;
      }),
    );
  }

  private filterError(bytes: Buffer): Buffer {
    const fields = parseFields(bytes.subarray(5));
    if (fields['C'] !== '57014' || !fields['M']?.includes('user request')) return bytes;
    return errorResponse({ code: '57014', message: `Query (${this.state.lastQueryId}) cancelled on user's request` });
  }
}

function filterParameterStatus(bytes: Buffer): Buffer | null {
  const name = readCString(bytes, 5).value;
  return HIDDEN_PARAMETERS.has(name) ? null : bytes;
}

function toErrorFields(error: unknown, queryId: number): RedshiftErrorFields {
  if (error instanceof RedshiftError)
    return { ...error.fields, message: error.fields.message.replace('Query (0)', `Query (${queryId})`) };
  if (error instanceof BackendError) {
    const { C, M, D, H } = error.fields;
    return {
      code: C ?? 'XX000',
      message: M ?? error.message,
      ...(D === undefined ? {} : { detail: D }),
      ...(H === undefined ? {} : { hint: H }),
    };
  }
  return { code: 'XX000', message: error instanceof Error ? error.message : String(error) };
}
