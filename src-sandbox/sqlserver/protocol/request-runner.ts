import type { EngineEvent, EngineSession, SqlMessage } from '../engine-contract.ts';
import { Answer, type AnswerOptions } from './answer.ts';
import { RefusedRequest } from './decode-values.ts';
import type { TdsFault, TdsMessageInfo } from './fault.ts';
import { PACKET_STATUS, PACKET_TYPE, type ClientMessage } from './packets.ts';
import { ProtocolError } from './protocol-error.ts';
import {
  readBatch,
  readRpc,
  readTransactionRequest,
  type BatchRequest,
  type BeginAfter,
  type ProcedureCall,
  type RpcRequest,
  type TransactionRequest,
} from './requests.ts';
import type { Recording } from './result-cache.ts';
import type { ServerSettings } from './server-settings.ts';
import { writeEvents, type TokenContext, type TokenStreamOptions } from './token-stream.ts';
import { DONE, TOKEN, writeDone, writeEnvironmentChange } from './tokens.ts';
import type { Transport } from './transport.ts';

export interface RequestRunnerOptions {
  settings: ServerSettings;
  transport: Transport;
  session: EngineSession;
  packetBytes: number;
  connection: number;
  user: string;
  applicationName: string;
  ask(info: Omit<TdsMessageInfo, 'number' | 'connection'>): Promise<TdsFault | null>;
  stall(forMs: number | undefined): Promise<void>;
}

type Request =
  | ({ kind: 'batch' } & BatchRequest)
  | ({ kind: 'rpc' } & RpcRequest)
  | { kind: 'transaction'; descriptor: bigint | null; request: TransactionRequest };

/** Answers the requests of one connection, one after the other. */
export class RequestRunner {
  private readonly options: RequestRunnerOptions;
  private readonly context: TokenContext;
  private running: AbortController | null = null;
  private transaction: bigint | null = null;

  constructor(options: RequestRunnerOptions) {
    this.options = options;
    this.context = {
      serverName: options.settings.serverName,
      get database() {
        return options.session.database;
      },
      onTransaction: (id) => (this.transaction = id),
    };
  }

  /** The attention, or the end of the client: what runs is stopped. */
  cancel(): void {
    this.running?.abort();
  }

  /** Answers one message; true when the connection is over. */
  async run(message: ClientMessage): Promise<boolean> {
    if (message.type === PACKET_TYPE.attention) return this.acknowledgeAttention();
    if ((message.status & PACKET_STATUS.ignore) !== 0 || message.isCanceled === true) return this.answerIgnored();
    this.running = new AbortController();
    try {
      return await this.answer(message, this.running.signal);
    } finally {
      this.running = null;
    }
  }

  private async answer(message: ClientMessage, signal: AbortSignal): Promise<boolean> {
    const isReset = await this.resetIfAsked(message.status);
    let request: Request;
    try {
      request = readRequest(message);
      if (!isReset) this.checkDescriptor(request.descriptor);
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      return this.answerAlone({ isReset, signal, error: toMessage(error) });
    }
    const fault = await this.options.ask(this.describe(request));
    const alone = this.faultEvents(fault);
    if (alone !== null && afterRowsOf(fault) === undefined)
      return this.answerEvents({ isReset, signal, events: alone(), fault });
    return this.answerRequest({ request, isReset, signal, fault });
  }

  private async answerRequest(input: {
    request: Request;
    isReset: boolean;
    signal: AbortSignal;
    fault: TdsFault | null;
  }): Promise<boolean> {
    const { request, signal, fault } = input;
    const cached = request.kind === 'batch' && fault === null ? this.findCached(request.sql) : null;
    const recording = cached === null && fault === null && !input.isReset ? this.startRecording(request) : null;
    const answer = this.open({ isReset: input.isReset, fault, record: recording });
    if (cached !== null) {
      await this.replay(cached, { answer, signal });
      return false;
    }
    const before = this.transaction;
    const outcome = await this.write(request, { answer, signal, fault });
    // The engine was busy until here: what the client has been told is done now.
    if (fault?.kind === 'deadlock' && before !== null && this.transaction === null) await this.rollBack();
    await answer.end();
    if (recording !== null && outcome.isPlainResult && !signal.aborted) recording.keep();
    return outcome.isFatal;
  }

  private async replay(chunks: readonly Buffer[], input: { answer: Answer; signal: AbortSignal }): Promise<void> {
    const { answer, signal } = input;
    for (const chunk of chunks) {
      if (signal.aborted) break;
      answer.writer.raw(chunk);
      await answer.flush();
    }
    if (signal.aborted) writeDone(answer.writer, { token: TOKEN.done, status: DONE.error, command: 0, rowCount: null });
    await answer.end();
  }

  private async write(
    request: Request,
    input: { answer: Answer; signal: AbortSignal; fault: TdsFault | null },
  ): Promise<{ isFatal: boolean; isPlainResult: boolean }> {
    const { session } = this.options;
    const { answer, signal } = input;
    const base = {
      answer,
      signal,
      context: this.context,
      hasMore: false,
      interruptRows: this.interruption(input.fault),
    };
    switch (request.kind) {
      case 'batch':
        return writeEvents(session.batch(request.sql, { signal }), { ...base, scope: 'batch' });
      case 'transaction':
        return writeEvents(runTransaction(session, request.request), {
          ...base,
          scope: 'batch',
          command: TRANSACTION_COMMANDS[request.request.kind],
        });
      case 'rpc':
        return this.writeCalls(request.calls, base);
    }
  }

  private async writeCalls(
    calls: ProcedureCall[],
    base: Omit<TokenStreamOptions, 'scope'>,
  ): Promise<{ isFatal: boolean; isPlainResult: boolean }> {
    for (const [index, call] of calls.entries()) {
      const { isFatal } = await writeEvents(this.call(call, base.signal), {
        ...base,
        scope: 'procedure',
        hasMore: index < calls.length - 1,
        isWithoutMetadata: call.isWithoutMetadata,
        parameters: call.parameters,
      });
      if (isFatal || base.signal.aborted) return { isFatal, isPlainResult: false };
    }
    return { isFatal: false, isPlainResult: false };
  }

  private call(call: ProcedureCall, signal: AbortSignal): AsyncIterable<EngineEvent> {
    if (/^(sys\.)?sp_cursor/i.test(call.procedure)) return eventsOf([notFound(call.procedure)]);
    const { procedure, parameters } = call;
    return this.options.session.rpc({ procedure, parameters }, { signal });
  }

  /** RESETCONNECTION and RESETCONNECTIONSKIPTRAN of the header. */
  private async resetIfAsked(status: number): Promise<boolean> {
    const keepTransaction = (status & PACKET_STATUS.resetConnectionSkipTransaction) !== 0;
    if (!keepTransaction && (status & PACKET_STATUS.resetConnection) === 0) return false;
    await this.options.session.reset({ keepTransaction });
    if (!keepTransaction) this.transaction = null;
    return true;
  }

  private checkDescriptor(descriptor: bigint | null): void {
    const expected = this.transaction ?? 0n;
    const given = descriptor ?? 0n;
    if (given === expected) return;
    if (given === 0n)
      throw new RefusedRequest({
        number: 3989,
        state: 1,
        text: 'New request is not allowed to start because it should come with valid transaction descriptor.',
      });
    throw new RefusedRequest({
      number: 3971,
      state: 1,
      text: `The server failed to resume the transaction. Desc:${given.toString(16)}.`,
    });
  }

  private describe(request: Request): Omit<TdsMessageInfo, 'number' | 'connection'> {
    const { user, applicationName, session } = this.options;
    const call = request.kind === 'rpc' ? request.calls[0] : undefined;
    return {
      operation: request.kind,
      sql: request.kind === 'batch' ? request.sql : call === undefined ? '' : statementOf(call),
      procedure: call?.procedure ?? '',
      user,
      applicationName,
      database: session.database,
    };
  }

  private findCached(sql: string): readonly Buffer[] | null {
    const { resultCache } = this.options.settings;
    if (resultCache === null || this.transaction !== null) return null;
    return resultCache.find(this.cacheKey(sql));
  }

  private startRecording(request: Request): Recording | null {
    const { resultCache } = this.options.settings;
    if (request.kind !== 'batch' || resultCache === null || this.transaction !== null) return null;
    return resultCache.startRecording(this.cacheKey(request.sql), request.sql);
  }

  private cacheKey(sql: string): string {
    return `${this.options.user}\0${this.options.session.database}\0${sql}`;
  }

  private open(input: { isReset: boolean; fault: TdsFault | null; record?: Recording | null }): Answer {
    const { transport, packetBytes, session } = this.options;
    const { record } = input;
    const answerOptions: AnswerOptions = {
      transport,
      packetBytes,
      spid: session.spid,
      interruption: this.cut(input.fault),
      record: record ? (payload) => record.add(payload) : null,
    };
    const answer = new Answer(answerOptions);
    if (input.isReset) writeEnvironmentChange(answer.writer, { kind: 'connection-reset' });
    return answer;
  }

  private cut(fault: TdsFault | null): AnswerOptions['interruption'] {
    const { transport, stall } = this.options;
    if (fault?.kind === 'reset') return { afterBytes: fault.afterBytes ?? 0, run: () => transport.drainThenReset() };
    if (fault?.kind === 'stall') return { afterBytes: fault.afterBytes ?? 0, run: () => stall(fault.forMs) };
    return null;
  }

  private interruption(fault: TdsFault | null): TokenStreamOptions['interruptRows'] {
    const events = this.faultEvents(fault);
    const afterRows = afterRowsOf(fault);
    return events === null || afterRows === undefined ? null : { afterRows, events };
  }

  /** What a fault says instead of an answer; null for faults that say nothing. */
  private faultEvents(fault: TdsFault | null): (() => EngineEvent[]) | null {
    switch (fault?.kind) {
      case 'error': {
        const { number, state, text } = fault;
        return () => [toEvent({ number, state, class: fault.class, message: text })];
      }
      case 'deadlock':
        return () => [
          toEvent({
            number: 1205,
            state: 51,
            class: 13,
            message: `Transaction (Process ID ${this.options.session.spid}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.`,
          }),
          ...(this.transaction === null ? [] : [{ kind: 'transaction-rolled-back', id: this.transaction } as const]),
        ];
      case 'kill':
        return () => [
          toEvent({
            number: 596,
            state: 1,
            class: 21,
            message: 'Cannot continue the execution because the session is in the kill state.',
          }),
        ];
      default:
        return null;
    }
  }

  private async rollBack(): Promise<void> {
    for await (const event of this.options.session.rollback({ name: '' })) void event;
  }

  private answerAlone(input: { isReset: boolean; signal: AbortSignal; error: EngineEvent }): Promise<boolean> {
    return this.answerEvents({ ...input, events: [input.error], fault: null });
  }

  private async answerEvents(input: {
    isReset: boolean;
    signal: AbortSignal;
    events: EngineEvent[];
    fault: TdsFault | null;
  }): Promise<boolean> {
    const answer = this.open(input);
    if (input.fault?.kind === 'deadlock' && this.transaction !== null) await this.rollBack();
    const { isFatal } = await writeEvents(eventsOf(input.events), {
      answer,
      context: this.context,
      scope: 'batch',
      hasMore: false,
      signal: input.signal,
    });
    await answer.end();
    return isFatal;
  }

  private async acknowledgeAttention(): Promise<boolean> {
    const fault = await this.options.ask({
      ...this.describe({ kind: 'batch', descriptor: null, sql: '' }),
      operation: 'attention',
    });
    const answer = this.open({ isReset: false, fault });
    writeDone(answer.writer, { token: TOKEN.done, status: DONE.attention, command: 0, rowCount: null });
    await answer.end();
    return false;
  }

  /** A message that its sender gave up half-way: "a single DONE token", MS-TDS 2.2.1.7: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/dc28579f-49b1-4a78-9c5f-63fbda002d2e */
  private async answerIgnored(): Promise<boolean> {
    const answer = this.open({ isReset: false, fault: null });
    writeDone(answer.writer, { token: TOKEN.done, status: DONE.error, command: 0, rowCount: null });
    await answer.end();
    return false;
  }
}

const TRANSACTION_COMMANDS = { begin: 0xd4, commit: 0xd5, rollback: 0xd2, save: 0xd6 };

function readRequest(message: ClientMessage): Request {
  switch (message.type) {
    case PACKET_TYPE.sqlBatch:
      return { kind: 'batch', ...readBatch(message.payload) };
    case PACKET_TYPE.rpc:
      return { kind: 'rpc', ...readRpc(message.payload) };
    case PACKET_TYPE.transactionManager: {
      const request = readTransactionRequest(message.payload);
      return { kind: 'transaction', descriptor: request.descriptor, request };
    }
    case PACKET_TYPE.bulkLoad:
      throw new RefusedRequest({ number: 4002, state: 1, text: 'Bulk load is not supported by this server.' });
    default:
      throw new ProtocolError(`a message of the type 0x${message.type.toString(16)} behind the login`);
  }
}

async function* runTransaction(session: EngineSession, request: TransactionRequest): AsyncIterable<EngineEvent> {
  switch (request.kind) {
    case 'begin':
      yield* session.begin({ isolation: request.isolation, name: request.name });
      return;
    case 'save':
      yield* session.save({ name: request.name });
      return;
    case 'commit':
      yield* session.commit();
      break;
    case 'rollback':
      yield* session.rollback({ name: request.name });
      break;
  }
  const then: BeginAfter | null = request.then;
  if (then !== null) yield* session.begin(then);
}

/** The statement inside the procedures that run one. */
function statementOf(call: ProcedureCall): string {
  const place = { sp_executesql: 0, sp_prepare: 2, sp_prepexec: 2 }[call.procedure.toLowerCase().replace(/^sys\./, '')];
  const value = place === undefined ? undefined : call.parameters[place]?.value;
  return typeof value === 'string' ? value : '';
}

function afterRowsOf(fault: TdsFault | null): number | undefined {
  return fault !== null && 'afterRows' in fault ? fault.afterRows : undefined;
}

function toMessage(error: RefusedRequest): EngineEvent {
  return toEvent({ number: error.number, state: error.state, class: 16, message: error.message });
}

function toEvent(message: Pick<SqlMessage, 'number' | 'state' | 'class' | 'message'>): EngineEvent {
  return { kind: 'message', message: { ...message, procedure: '', line: 1 } };
}

function notFound(procedure: string): EngineEvent {
  return toEvent({ number: 2812, state: 62, class: 16, message: `Could not find stored procedure '${procedure}'.` });
}

async function* eventsOf(events: EngineEvent[]): AsyncIterable<EngineEvent> {
  yield* events;
}
