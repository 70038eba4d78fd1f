import type { StatementContext } from '../commands/command.ts';
import { parseCsv } from './csv-parser.ts';
import { defaultFileFormat, withFormatOptions } from './file-format.ts';
import { openStage } from './open-stage.ts';
import { abortedLoad } from './stage-errors.ts';
import { parseStageLocation } from './stage-location.ts';
import { readText } from './text-input.ts';

/**
 * The rows that a driver put onto its bind stage, for a request with `"bindStage": "@SYSTEM$BIND/<id>"`: drivers send large
 * array binds as CSV files `1`, `2`... there. A field that is empty and not in quotes is NULL, `""` is the empty text.
 */
export async function readBindStage(context: StatementContext, location: string): Promise<(string | null)[][]> {
  const stage = openStage(context, parseStageLocation(location), 'READ');
  const format = withFormatOptions(defaultFileFormat('CSV'), [
    { name: 'FIELD_OPTIONALLY_ENCLOSED_BY', value: '"', quoted: true },
    { name: 'ESCAPE_UNENCLOSED_FIELD', value: 'NONE', quoted: false },
    { name: 'NULL_IF', value: [], quoted: false },
    { name: 'ERROR_ON_COLUMN_COUNT_MISMATCH', value: 'FALSE', quoted: false },
  ]);
  try {
    const files = (await stage.list(stage.prefix.endsWith('/') ? stage.prefix : `${stage.prefix}/`)).sort(
      (a, b) => fileNumber(a.path) - fileNumber(b.path),
    );
    const rows: (string | null)[][] = [];
    for (const file of files) {
      const copy = await stage.open(file.path);
      try {
        for await (const event of parseCsv(readText(copy.file, format), { format, expectedFields: null })) {
          if (event.kind === 'rejected') {
            throw abortedLoad(file.path, { ...event.rejected, columnName: null });
          }
          if (event.kind === 'record') {
            rows.push(event.record.fields);
          }
        }
      } finally {
        await copy.release();
      }
    }
    return rows;
  } finally {
    stage.close();
  }
}

/** Files are named 1, 2... in the order of their rows, perhaps with `.gz` behind. */
function fileNumber(path: string): number {
  return Number.parseInt(path.slice(path.lastIndexOf('/') + 1), 10);
}
