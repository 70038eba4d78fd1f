import type {
  Engine,
  EngineEvent,
  EngineSession,
  IsolationLevel,
  LoginOutcome,
  LoginRequest,
  Parameter,
  SqlMessage,
} from '../../engine-contract.ts';

/** What a call asks for, in the order in which calls came. */
export type EngineCall =
  | { kind: 'login'; request: LoginRequest }
  | { kind: 'batch'; sql: string }
  | { kind: 'rpc'; procedure: string; parameters: Parameter[] }
  | { kind: 'begin'; isolation: IsolationLevel | null; name: string }
  | { kind: 'commit' }
  | { kind: 'rollback'; name: string }
  | { kind: 'save'; name: string }
  | { kind: 'reset'; keepTransaction: boolean }
  | { kind: 'close' };

export type Script = (
  call: Extract<EngineCall, { kind: 'batch' | 'rpc' }>,
  signal: AbortSignal,
) => AsyncIterable<EngineEvent> | Iterable<EngineEvent>;

export interface ScriptedEngine extends Engine {
  readonly calls: EngineCall[];
  /** Sessions that are open now. */
  readonly openSessions: number;
}

export interface ScriptedEngineOptions {
  script: Script;
  users?: Readonly<Record<string, string>>;
  databases?: readonly string[];
}

/** An engine that knows no SQL: it answers what a test tells it to. */
export function createScriptedEngine(options: ScriptedEngineOptions): ScriptedEngine {
  const calls: EngineCall[] = [];
  const users = options.users ?? { sa: 'Practice1' };
  const databases = options.databases ?? ['master', 'shop'];
  const open = new Set<number>();
  let spid = 50;
  const login = (request: LoginRequest): LoginOutcome => {
    calls.push({ kind: 'login', request });
    if (users[request.user] !== request.password)
      return refuse([error(18_456, 14, `Login failed for user '${request.user}'.`)]);
    const database = databases.find((name) => name.toLowerCase() === (request.database || 'master').toLowerCase());
    if (database === undefined)
      return refuse([
        error(4060, 11, `Cannot open database "${request.database}" requested by the login. The login failed.`),
        error(18_456, 14, `Login failed for user '${request.user}'.`),
      ]);
    spid += 1;
    open.add(spid);
    return {
      kind: 'session',
      session: createSession({ database, spid, calls, open, script: options.script }),
      messages: [],
    };
  };
  return {
    calls,
    get openSessions() {
      return open.size;
    },
    login: async (request) => login(request),
    close: async () => undefined,
  };
}

function createSession(input: {
  database: string;
  spid: number;
  calls: EngineCall[];
  open: Set<number>;
  script: Script;
}): EngineSession {
  const { calls } = input;
  let transaction = 0n;
  const run = async function* (call: Extract<EngineCall, { kind: 'batch' | 'rpc' }>, signal: AbortSignal) {
    if (isOfDriver(call)) {
      yield { kind: 'done', rowCount: null } as const;
      return;
    }
    calls.push(call);
    yield* input.script(call, signal);
  };
  const end = async function* (kind: 'transaction-committed' | 'transaction-rolled-back') {
    if (transaction === 0n) {
      yield {
        kind: 'message',
        message: error(3903, 16, 'The request has no corresponding BEGIN TRANSACTION.'),
      } as const;
      return;
    }
    yield { kind, id: transaction };
    transaction = 0n;
  };
  return {
    database: input.database,
    spid: input.spid,
    batch: (sql, { signal }) => run({ kind: 'batch', sql }, signal),
    rpc: (request, { signal }) => run({ kind: 'rpc', ...request }, signal),
    async *begin(request) {
      calls.push({ kind: 'begin', ...request });
      transaction = BigInt(input.spid) + 0x1_0000_0000n;
      yield { kind: 'transaction-began', id: transaction };
    },
    commit: () => {
      calls.push({ kind: 'commit' });
      return end('transaction-committed');
    },
    rollback: ({ name }) => {
      calls.push({ kind: 'rollback', name });
      return end('transaction-rolled-back');
    },
    save: ({ name }) => {
      calls.push({ kind: 'save', name });
      return eventsOf([]);
    },
    reset: async ({ keepTransaction }) => {
      calls.push({ kind: 'reset', keepTransaction });
      if (!keepTransaction) transaction = 0n;
    },
    close: async () => {
      calls.push({ kind: 'close' });
      input.open.delete(input.spid);
    },
  };
}

async function* eventsOf(events: EngineEvent[]): AsyncIterable<EngineEvent> {
  yield* events;
}

function refuse(messages: SqlMessage[]): LoginOutcome {
  return { kind: 'refused', messages };
}

function error(number: number, severity: number, message: string): SqlMessage {
  return { number, state: 1, class: severity, message, procedure: '', line: 1 };
}

/** What the drivers ask on their own: the settings of a new session, and whether it still answers. */
function isOfDriver(call: EngineCall): boolean {
  const text = statementOf(call);
  return text.startsWith('set ansi_nulls on') || text === 'SELECT 1;';
}

/** The statement of a batch, or of sp_executesql; empty for other calls. */
export function statementOf(call: EngineCall): string {
  if (call.kind === 'batch') return call.sql;
  const value = call.kind === 'rpc' && call.procedure === 'sp_executesql' ? call.parameters[0]?.value : '';
  return typeof value === 'string' ? value : '';
}
