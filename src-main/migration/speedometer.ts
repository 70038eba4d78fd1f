/** To be fed every 2 s. */
export const TICK_MS = 2000;
const HISTORY_TICKS = 60;
const WINDOW_TICKS = 30;
const FEWEST_TICKS = 2;

interface Sample {
  rows: number;
  bytes: number;
}

/** Speeds over the last minute, and one number a tick over the last two for the sparkline. Null while there is too little to tell. */
export interface Speedometer {
  add(rows: number, bytes: number): void;
  rowsPerSecond(): number | null;
  bytesPerSecond(): number | null;
  history(): number[];
}

export function createSpeedometer(): Speedometer {
  const samples: Sample[] = [];
  const perSecond = (pick: (sample: Sample) => number): number | null => {
    const window = samples.slice(-WINDOW_TICKS - 1);
    const oldest = window[0];
    const newest = window.at(-1);
    if (!oldest || !newest || window.length < FEWEST_TICKS) return null;
    return ((pick(newest) - pick(oldest)) / ((window.length - 1) * TICK_MS)) * 1000;
  };
  return {
    add(rows, bytes) {
      samples.push({ rows, bytes });
      if (samples.length > HISTORY_TICKS + 1) samples.shift();
    },
    rowsPerSecond: () => perSecond((sample) => sample.rows),
    bytesPerSecond: () => perSecond((sample) => sample.bytes),
    history: () =>
      samples
        .slice(1)
        .map((sample, index) => Math.max(0, ((sample.rows - (samples[index]?.rows ?? 0)) / TICK_MS) * 1000)),
  };
}
