import { ServerError } from '../errors.ts';
import type { Session } from '../connect.ts';

type Value = string | null;

/** A catalog view: its columns and rows. */
export interface FakeView {
  columns: string[];
  rows: Value[][];
}

export interface FakeCatalog {
  views: Record<string, FakeView>;
  /** Answers to other statements, the first whose pattern fits; what nothing fits is refused with 208. */
  answers?: [RegExp, Value[][]][];
}

export interface FakeSession extends Session {
  statements: string[];
}

/** A server that has the given views and nothing else. Conditions of view queries are not looked at: tests see that rows too many do no harm. */
export function createFakeSession(catalog: FakeCatalog): FakeSession {
  const statements: string[] = [];
  return {
    statements,
    encryption: null,
    query(sql) {
      statements.push(sql);
      const answer = catalog.answers?.find(([pattern]) => pattern.test(sql));
      if (answer) return Promise.resolve({ columns: [], rows: answer[1] });
      const [, list = '', name = ''] = /^SELECT (\*|v\.\[.*?) FROM ([\w.]+)(?: |$)/.exec(sql) ?? [];
      const view = catalog.views[name];
      if (!view) return Promise.reject(refusal(208, `Invalid object name '${name}'.`));
      if (list === '*') return Promise.resolve({ columns: view.columns, rows: [] });
      const wanted = [...list.matchAll(/v\.\[(\w+)\]/g)].map(([, column = '']) => column);
      const missing = wanted.find((column) => !view.columns.includes(column));
      if (missing !== undefined) return Promise.reject(refusal(207, `Invalid column name '${missing}'.`));
      const rows = view.rows.map((row) => wanted.map((column) => row[view.columns.indexOf(column)] ?? null));
      return Promise.resolve({ columns: wanted, rows });
    },
    isOpen: () => true,
    close: () => Promise.resolve(),
  };
}

function refusal(number: number, message: string): ServerError {
  return new ServerError({ number, state: 1, class: 16, message, lineNumber: 1 });
}
