import type { RunReport, RunSnapshot, TableProgress } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import type { ValidationReport } from '#shared/model/validation';

/** The result document of a run, as the command line prints it and the results page exports it. */
export function buildRunReport(snapshot: RunSnapshot, validation: ValidationReport | null): RunReport {
  return {
    outcome: toOutcome(snapshot.state),
    runId: snapshot.runId,
    tables: snapshot.tables.map((table) => ({
      source: tableLabel(table.source),
      target: tableLabel(table.target),
      sourceRows: table.sourceRows,
      stagedRows: table.stagedRows,
      loadedRows: table.loadedRows,
      stagedBytes: table.stagedBytes,
      partitions: table.partitionCount,
      elapsedMs: table.elapsedMs,
      outcome: table.state === 'loaded' ? 'loaded' : table.state === 'failed' ? 'failed' : 'skipped',
      error: table.error && table.state !== 'loaded' ? pickError(table.error) : null,
      leftOut: table.leftOut,
      warnings: table.warnings,
    })),
    validation: validation?.counts ?? { passed: 0, warnings: 0, failed: 0, notCompared: 0 },
    pause: snapshot.pause,
    elapsedMs: snapshot.elapsedMs,
  };
}

function toOutcome(state: RunSnapshot['state']): RunReport['outcome'] {
  switch (state) {
    case 'done':
    case 'cancelled':
    case 'paused':
      return state;
    case 'finished-with-failures':
      return 'finished-with-failures';
    default:
      return 'paused';
  }
}

function pickError({
  code,
  title,
  message,
  advice,
}: NonNullable<TableProgress['error']>): RunReport['tables'][number]['error'] {
  return { code, title, message, advice };
}

const CSV_COLUMNS = [
  'source',
  'target',
  'outcome',
  'sourceRows',
  'stagedRows',
  'loadedRows',
  'stagedBytes',
  'partitions',
  'elapsedMs',
  'error',
  'advice',
  'leftOutColumns',
  'warnings',
] as const;

/** One line a table, RFC 4180. Texts that a spreadsheet would take for a formula get an apostrophe in front. */
export function toCsv(report: RunReport): string {
  const lines = report.tables.map((table) => {
    const values: Record<(typeof CSV_COLUMNS)[number], string | number | null> = {
      ...table,
      error: table.error ? `${table.error.code}: ${table.error.message}` : null,
      advice: table.error?.advice ?? null,
      leftOutColumns: table.leftOut.map(({ sourceName, reason }) => `${sourceName}: ${reason}`).join(' | '),
      warnings: table.warnings.join(' | '),
    };
    return CSV_COLUMNS.map((column) => csvField(values[column])).join(',');
  });
  return [CSV_COLUMNS.join(','), ...lines, ''].join('\r\n');
}

function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
