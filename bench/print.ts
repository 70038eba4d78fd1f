import { median, type Measured } from './measure.ts';

export interface Contestant {
  key: string;
  label: string;
  run(): Promise<Measured>;
}

interface Row extends Contestant {
  rows: number;
  /** Seconds for a million rows. */
  wallPerMillion: number;
  cpuPerMillion: number;
  outBytes: number;
  peakRssBytes: number | null;
  lagP99: number | null;
}

const MEMORY_LIMIT = 1.15;

/** Progress on stderr; the figures go to stdout. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs the contestants in turn, round after round, and prints medians. The first is the floor that the others are measured by. */
export async function printSection(
  title: string,
  contestants: Contestant[],
  options: { rounds: number; baseRows: number; baseBytes: number; baseForm: string },
): Promise<void> {
  const { rounds, baseRows, baseBytes, baseForm } = options;
  const measured = contestants.map((): Measured[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [index, { label, run }] of contestants.entries()) {
      const result = await run();
      say(`${round}/${rounds} ${label}: ${result.wall.toFixed(2)} s, ${Math.round(result.rows / result.wall)} rows/s`);
      measured[index]?.push(result);
    }
  }
  const rows = contestants.map((contestant, index) => summarize(contestant, measured[index] ?? []));
  const bytesPerRow = baseBytes / baseRows;
  write(
    `\n${title}: ${baseRows.toLocaleString('en')} rows, ${megabytes(baseBytes)} ${baseForm}; medians of ${rounds} rounds\n`,
  );
  write(`${'way'.padEnd(58)}   rows/s    MB/s  x floor  CPU s/GB  peak RSS MB  loop lag p99 ms\n`);
  const floor = rows[0]?.wallPerMillion ?? 1;
  for (const row of rows) {
    const rowsPerSecond = 1e6 / row.wallPerMillion;
    const cells = [
      Math.round(rowsPerSecond).toLocaleString('en').padStart(9),
      ((rowsPerSecond * bytesPerRow) / 1e6).toFixed(0).padStart(7),
      (row.wallPerMillion / floor).toFixed(2).padStart(8),
      (row.cpuPerMillion / ((1e6 * bytesPerRow) / 1e9)).toFixed(1).padStart(9),
      (row.peakRssBytes === null ? '-' : (row.peakRssBytes / 1e6).toFixed(0)).padStart(12),
      (row.lagP99 === null ? '-' : row.lagP99.toFixed(0)).padStart(16),
    ];
    write(`${`(${row.key}) ${row.label}`.padEnd(56)}${cells.join(' ')}\n`);
  }
  for (const row of rows.filter(({ key }) => key.startsWith('d'))) {
    const ratios = rows
      .filter(({ key }) => !key.startsWith('d'))
      .map(({ key, wallPerMillion }) => `${row.key}/${key} ${(row.wallPerMillion / wallPerMillion).toFixed(2)}`);
    write(`Wall time per row: ${ratios.join(', ')}; ${megabytes(row.outBytes)} of files\n`);
  }
}

export function printMemory(peaks: { rows: number; peakBytes: number }[]): void {
  const [small, large] = peaks;
  if (!small || !large) return;
  const ratio = large.peakBytes / small.peakBytes;
  const verdict = ratio <= MEMORY_LIMIT && ratio >= 1 / MEMORY_LIMIT ? 'the same within 15 %' : 'MORE THAN 15 % APART';
  write(
    `Peak memory of the process, 2 lanes: ${peaks.map(({ rows, peakBytes }) => `${rows.toLocaleString('en')} rows ${megabytes(peakBytes)}`).join(', ')}: ${verdict} (${ratio.toFixed(2)})\n`,
  );
}

function summarize(contestant: Contestant, measured: Measured[]): Row {
  const of = (pick: (one: Measured) => number): number => median(measured.map(pick));
  const optional = (pick: (one: Measured) => number | null): number | null =>
    measured.some((one) => pick(one) === null) ? null : of((one) => pick(one) ?? 0);
  return {
    ...contestant,
    rows: of(({ rows }) => rows),
    wallPerMillion: of(({ wall, rows }) => (wall / rows) * 1e6),
    cpuPerMillion: of(({ cpu, rows }) => (cpu / rows) * 1e6),
    outBytes: of(({ outBytes }) => outBytes),
    peakRssBytes: optional(({ peakRssBytes }) => peakRssBytes),
    lagP99: optional(({ lagP99 }) => lagP99),
  };
}

export function write(text: string): void {
  process.stdout.write(text);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
