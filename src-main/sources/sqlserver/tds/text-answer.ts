import { RequestError, Request, type Connection } from 'tedious';
import { toAbortError } from '../../../lib/abort.ts';
import { exactTextExpression } from '../carry.ts';
import { parseNativeType } from '../column-types.ts';
import { ServerError } from '../errors.ts';
import { quoteIdentifier } from '../quoting.ts';
import type { ReadRequest } from '../../source.ts';
import type { WireRows } from './batch-stream.ts';
import { textEncoder, wireColumnOf, type TextEncoder } from './encode-text.ts';
import type { WireAnswer } from './wire-answer.ts';

const BATCH_BYTES = 256 * 1024;
const BATCH_ROWS = 1024;

/**
 * Reads a SELECT through the driver's public interface alone, several times slower than from the wire and as exact: every value that the driver would
 * spoil comes as text from the server and is brought back into the bytes of its type. For releases of the driver that are not known inside.
 */
export function openTextAnswer(connection: Connection, request: ReadRequest): WireAnswer {
  const columns = request.columns.map(({ alias, nativeType }) => wireColumnOf(alias, nativeType));
  return {
    columns,
    async readRows(onRows, { signal }) {
      const gatherer = createGatherer(columns.map(textEncoder));
      const state: { failure: Error | null; serverRows: number | null } = { failure: null, serverRows: null };
      let stop = (): void => undefined;
      const finished = new Promise<void>((resolve, reject) => {
        const wanted = new Request(toTextStatement(request), (error) => {
          const problem = state.failure ?? (error ? toServerError(error) : null);
          if (problem) reject(problem);
          else resolve();
        });
        const fail = (error: Error): void => {
          state.failure ??= error;
          wanted.cancel();
        };
        const onAbort = (): void => fail(toAbortError(signal));
        signal.addEventListener('abort', onAbort, { once: true });
        stop = () => signal.removeEventListener('abort', onAbort);
        wanted.on('row', (row: { value: unknown }[]) => {
          if (state.failure) return;
          try {
            gatherer.add(row);
            if (!gatherer.isFull()) return;
            const open = onRows(gatherer.take());
            if (!open) return;
            wanted.pause();
            open.then(() => wanted.resume(), fail);
          } catch (error) {
            fail(error as Error);
          }
        });
        wanted.on('done', (rowCount: number | undefined) => {
          state.serverRows = rowCount ?? null;
        });
        if (signal.aborted) onAbort();
        connection.execSqlBatch(wanted);
      });
      await finished.finally(stop);
      const rest = gatherer.take();
      if (rest.rowCount > 0) await onRows(rest);
      if (state.serverRows === null) throw new RequestError('The server did not say how many rows it sent.', 'UNKNOWN');
      return { serverRows: state.serverRows };
    },
  };
}

/** What the server said, as the other reader tells it. */
function toServerError(error: Error): Error {
  const { number, state } = error as { number?: unknown; state?: unknown };
  return typeof number === 'number' && typeof state === 'number'
    ? new ServerError({ ...error, message: error.message, number, state })
    : error;
}

/** The same rows with every column as text: `SELECT CONVERT(varchar(41), [c1]) AS [c1], ... FROM (<statement>) AS [rows]`. */
export function toTextStatement({ statement, columns }: Pick<ReadRequest, 'statement' | 'columns'>): string {
  const list = columns.map((column) => {
    const alias = quoteIdentifier(column.alias);
    const isText = ALREADY_TEXT.has(parseNativeType(column.nativeType).name);
    const expression = isText
      ? `CONVERT(nvarchar(max), ${alias})`
      : exactTextExpression({ name: column.alias, nativeType: column.nativeType });
    return `${expression} AS ${alias}`;
  });
  return `SELECT ${list.join(', ')} FROM (${statement}) AS [rows]`;
}

/** Types of which the statement has made text already. */
const ALREADY_TEXT = new Set(['sql_variant', 'hierarchyid', 'geometry', 'geography', 'clr', 'xml', 'json', 'vector']);

/** Collects rows until there are enough for a batch. */
function createGatherer(encoders: TextEncoder[]) {
  let rows: (Uint8Array | null)[][] = [];
  let size = 0;
  return {
    add(row: { value: unknown }[]): void {
      const cells = encoders.map((encode, index) => {
        const value = row[index]?.value;
        if (value === null || value === undefined) return null;
        if (typeof value !== 'string') throw new Error(`column ${index + 1} came as ${typeof value} instead of text`);
        return encode(value);
      });
      rows.push(cells);
      size += cells.reduce((sum, cell) => sum + (cell?.length ?? 0), 0);
    },
    isFull: () => size >= BATCH_BYTES || rows.length >= BATCH_ROWS,
    take(): WireRows {
      const stride = Math.max(1, rows.length);
      const bytes = new Uint8Array(size);
      const starts = new Int32Array(stride * encoders.length);
      const lengths = new Int32Array(stride * encoders.length);
      let at = 0;
      rows.forEach((cells, row) => {
        cells.forEach((cell, column) => {
          starts[column * stride + row] = at;
          lengths[column * stride + row] = cell === null ? -1 : cell.length;
          if (cell === null) return;
          bytes.set(cell, at);
          at += cell.length;
        });
      });
      const rowCount = rows.length;
      rows = [];
      size = 0;
      return { bytes, rowCount, stride, starts, lengths };
    },
  };
}
