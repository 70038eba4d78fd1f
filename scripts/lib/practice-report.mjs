/**
 * A table for people.
 * @param {any} report the JSON document of `snowferry run`
 * @returns {string}
 */
export function formatPracticeReport({ outcome, tables, validation, elapsedMs }) {
  const head = ['table', 'source rows', 'staged', 'loaded', 'bytes', 'partitions', 'seconds', 'outcome'];
  const rows = tables.map((table) => [
    table.source,
    ...[table.sourceRows, table.stagedRows, table.loadedRows, table.stagedBytes, table.partitions].map(toCount),
    toSeconds(table.elapsedMs),
    table.outcome,
  ]);
  const lines = alignColumns([head, ...rows]);
  for (const { source, error } of tables) {
    if (error) lines.push('', `${source}: ${error.title} (${error.code})`, `  ${error.advice}`);
  }
  lines.push('');
  if (validation) {
    const { passed, warnings, failed, notCompared } = validation;
    lines.push(
      `Checks: ${toCount(passed)} passed, ${toCount(warnings)} warnings, ${toCount(failed)} failed, ${toCount(notCompared)} not compared.`,
    );
  }
  lines.push(`Outcome: ${outcome}, after ${toSeconds(elapsedMs)} seconds.`);
  return `${lines.join('\n')}\n`;
}

/**
 * Looks at the report with other eyes than the run's own: null when every row arrived and every check passed, else what is wrong.
 * @returns {string | null}
 */
export function judgePractice({ outcome, tables, validation }) {
  if (outcome !== 'done') return `The run ended as "${outcome}".`;
  if (tables.length === 0) return 'The report names no table.';
  const short = tables.find(
    ({ sourceRows, stagedRows, loadedRows }) =>
      !Number.isInteger(sourceRows) || sourceRows !== stagedRows || stagedRows !== loadedRows,
  );
  if (short) {
    return `${short.source}: ${toCount(short.sourceRows)} source rows, ${toCount(short.stagedRows)} staged, ${toCount(short.loadedRows)} loaded.`;
  }
  if (!validation || validation.passed === 0) return 'No check was made.';
  return validation.failed > 0 ? `${toCount(validation.failed)} checks failed.` : null;
}

function alignColumns(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isText = (column) => column === 0 || column === rows[0].length - 1;
  return rows.map((row) =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

const toCount = (value) => (typeof value === 'number' ? value.toLocaleString('en-US') : '-');
const toSeconds = (ms) => (typeof ms === 'number' ? (ms / 1000).toFixed(1) : '-');
