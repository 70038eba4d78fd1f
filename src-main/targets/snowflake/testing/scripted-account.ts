import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a script answers to a statement. Rows are text, columns are of the type text. */
export type ScriptedAnswer =
  | { columns: string[]; rows: (string | null)[][] }
  | { error: { code: string; message: string; sqlState?: string } }
  /** The connection is cut without an answer; with `after`, only when that has happened. */
  | 'cut'
  /** Answered only when the statement is cancelled. */
  | 'hang';

export interface ScriptedStatement {
  sql: string;
  binds: (string | null)[];
  sessionId: string;
}

export interface ScriptedAccountOptions {
  /** True: questions about statements, cancels and signs of life are never answered. */
  isSilent?(): boolean;
  /** Judges a login by its `data`; null lets it in, `hang` never answers. */
  login?: (data: Record<string, unknown>, query: URLSearchParams) => { code: string; message: string } | 'hang' | null;
  statement?: (statement: ScriptedStatement) => ScriptedAnswer | Promise<ScriptedAnswer>;
}

export interface ScriptedAccount {
  url: string;
  statements: ScriptedStatement[];
  logins: Record<string, unknown>[];
  cancelled: string[];
  /** The next request of every session that is open now is answered with this code. */
  endSessions(code: string): void;
  close(): Promise<void>;
}

const OK = { columns: ['status'], rows: [['Statement executed successfully.']] };
const PARAMETERS = [
  { name: 'TIMEZONE', value: 'UTC' },
  { name: 'DATE_OUTPUT_FORMAT', value: 'YYYY-MM-DD' },
  { name: 'TIME_OUTPUT_FORMAT', value: 'HH24:MI:SS.FF9' },
  { name: 'TIMESTAMP_OUTPUT_FORMAT', value: 'YYYY-MM-DD HH24:MI:SS.FF9' },
  { name: 'TIMESTAMP_NTZ_OUTPUT_FORMAT', value: 'YYYY-MM-DD HH24:MI:SS.FF9' },
  { name: 'BINARY_OUTPUT_FORMAT', value: 'HEX' },
  { name: 'CLIENT_SESSION_KEEP_ALIVE', value: false },
  { name: 'CLIENT_STAGE_ARRAY_BINDING_THRESHOLD', value: 65280 },
];

/**
 * An endpoint that speaks just enough of the login and statement protocol for tests that need an exact answer at an exact moment: a refused login, a
 * cut connection, a session that ends. What SQL means is not its business; the tests against the practice environment are for that.
 */
export async function startScriptedAccount(options: ScriptedAccountOptions = {}): Promise<ScriptedAccount> {
  const sessions = new Map<string, { id: string; endWith: string | null }>();
  const hanging = new Map<string, () => void>();
  const account: ScriptedAccount = {
    url: '',
    statements: [],
    logins: [],
    cancelled: [],
    endSessions(code) {
      for (const session of sessions.values()) session.endWith = code;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = await readJson(request);
    const answer = (value: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    if (url.pathname === '/session/v1/login-request') {
      const outcome = logIn(body, url);
      return outcome === 'hang' ? undefined : answer(outcome);
    }
    const token = /Token="([^"]+)"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const session = sessions.get(token);
    if (!session) return answer(failure({ code: '390104', message: 'Authentication token is invalid.' }));
    if (session.endWith)
      return answer(
        failure({
          code: session.endWith,
          message: 'Session no longer exists. New login required to access the service.',
        }),
      );
    if (url.pathname === '/session') {
      sessions.delete(token);
      return answer({ success: true, code: null, message: null, data: null });
    }
    if (url.pathname === '/queries/v1/abort-request' && !options.isSilent?.()) {
      const id = String((body as { requestId?: unknown }).requestId);
      account.cancelled.push(id);
      hanging.get(id)?.();
      return answer({ success: true, code: null, message: null, data: null });
    }
    if (url.pathname === '/queries/v1/query-request') return run({ body, url, session, response, answer });
    if (options.isSilent?.()) return undefined;
    answer({ success: true, code: null, message: null, data: null });
  }

  function logIn(body: Record<string, unknown>, url: URL): unknown {
    const data = body['data'] as Record<string, unknown>;
    account.logins.push(data);
    const refused = options.login?.(data, url.searchParams) ?? null;
    if (refused === 'hang') return refused;
    if (refused) return failure(refused);
    const token = randomUUID();
    const id = String(1000 + account.logins.length);
    sessions.set(token, { id, endWith: null });
    return {
      success: true,
      code: null,
      message: null,
      data: {
        token,
        masterToken: randomUUID(),
        sessionId: Number(id),
        validityInSeconds: 3600,
        masterValidityInSeconds: 14400,
        parameters: PARAMETERS,
        sessionInfo: {},
      },
    };
  }

  interface Run {
    body: Record<string, unknown>;
    url: URL;
    session: { id: string };
    response: ServerResponse;
    answer: (value: unknown) => void;
  }

  async function run({ body, url, session, response, answer }: Run): Promise<void> {
    const bindings = Object.entries((body['bindings'] ?? {}) as Record<string, { value: string | null }>);
    bindings.sort(([left], [right]) => Number(left) - Number(right));
    const statement = {
      sql: String(body['sqlText']),
      binds: bindings.map(([, bind]) => bind.value),
      sessionId: session.id,
    };
    account.statements.push(statement);
    const scripted = /^SELECT CURRENT_SESSION\(\)$/.test(statement.sql)
      ? { columns: ['CURRENT_SESSION()'], rows: [[session.id]] }
      : ((await options.statement?.(statement)) ?? OK);
    if (scripted === 'cut') return void response.destroy();
    if (scripted === 'hang') {
      await new Promise<void>((resolve) => hanging.set(url.searchParams.get('requestId') ?? '', resolve));
      return answer(failure({ code: '000604', message: 'SQL execution canceled', sqlState: '57014' }));
    }
    answer('error' in scripted ? failure(scripted.error) : success(scripted));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  account.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return account;
}

function success(result: { columns: string[]; rows: (string | null)[][] }): unknown {
  return {
    success: true,
    code: null,
    message: null,
    data: {
      parameters: PARAMETERS,
      rowtype: result.columns.map((name) => ({
        name,
        type: 'text',
        nullable: true,
        length: 16777216,
        byteLength: 16777216,
        scale: null,
        precision: null,
      })),
      rowset: result.rows,
      total: result.rows.length,
      returned: result.rows.length,
      queryId: `01${randomUUID().slice(2)}`,
      queryResultFormat: 'json',
      statementTypeId: 0x1000,
      version: 1,
    },
  };
}

function failure(error: { code: string; message: string; sqlState?: string }): unknown {
  return {
    success: false,
    code: error.code,
    message: error.message,
    data: {
      sqlState: error.sqlState ?? '42000',
      errorCode: error.code,
      queryId: `01${randomUUID().slice(2)}`,
      line: -1,
      pos: -1,
      internalError: false,
      age: 0,
      type: 'EXECUTION',
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
