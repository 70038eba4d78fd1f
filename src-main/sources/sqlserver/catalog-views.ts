import type { Session } from './connect.ts';
import { isRefusal } from './errors.ts';
import type { ResultField } from './result-fields.ts';

/** A row by column names in lower case; a column that the server's view does not have is missing, NULL is null. */
export type CatalogRow = Readonly<Record<string, string | null>>;

export interface ViewRequest {
  /** `sys.columns`. */
  view: string;
  columns: readonly string[];
  /** Without one of these the view is of no use. */
  required: readonly string[];
  /** A condition on required columns, spelled as the view spells them. */
  where?: string;
}

/** Reads catalog views, whatever columns they have: those of `sys` have grown with every version, and servers that only speak T-SQL have some of them. */
export interface CatalogReader {
  /** Null when the server has no such view, does not show it, or shows it without a required column. */
  read(request: ViewRequest): Promise<CatalogRow[] | null>;
  /** A statement that some servers cannot answer: null when the server refuses it, while lost connections and aborts still throw. */
  ask(statement: string): Promise<(string | null)[][] | null>;
  /** The columns that a statement answers with; null when the server refuses it. */
  fieldsOf(statement: string): Promise<ResultField[] | null>;
}

/**
 * Columns of catalog views by name of the view: the name as the view spells it, which matters in databases that tell cases apart, by the name in lower case.
 * Null for a view that is not there. Kept for as long as the source lives.
 */
export type KnownViews = Map<string, ReadonlyMap<string, string> | null>;

/** The catalog answers at once or is blocked by someone who changes tables. */
const CATALOG_LIMIT_MS = 300_000;

export function createCatalogReader(session: Session, known: KnownViews, signal: AbortSignal): CatalogReader {
  const attempt = async (statement: string) => {
    try {
      return await session.query(statement, { signal, timeoutMs: CATALOG_LIMIT_MS });
    } catch (error) {
      if (signal.aborted || !session.isOpen() || !isRefusal(error)) throw error;
      return null;
    }
  };
  const columnsOf = async (view: string): Promise<ReadonlyMap<string, string> | null> => {
    const found = known.get(view);
    if (found !== undefined) return found;
    const result = await attempt(`SELECT * FROM ${view} WHERE 1 = 0`);
    const columns = result === null ? null : new Map(result.columns.map((name) => [name.toLowerCase(), name]));
    known.set(view, columns);
    return columns;
  };
  return {
    async read({ view, columns, required, where }) {
      const present = await columnsOf(view);
      if (present === null || required.some((name) => !present.has(name))) return null;
      const names = columns.filter((name) => present.has(name));
      const list = names.map((name) => `v.[${present.get(name) ?? name}]`).join(', ');
      const result = await attempt(`SELECT ${list} FROM ${view} AS v${where === undefined ? '' : ` WHERE ${where}`}`);
      return (
        result?.rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))) ?? null
      );
    },
    async ask(statement) {
      return (await attempt(statement))?.rows ?? null;
    },
    async fieldsOf(statement) {
      return (await attempt(statement))?.fields ?? null;
    },
  };
}
