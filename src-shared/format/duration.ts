/** 950 -> "950 ms", 61_000 -> "1 min 1 s", 7_260_000 -> "2 h 1 min". NULL -> "unknown". */
export function formatDuration(elapsedMs: number | null): string {
  if (elapsedMs === null) return 'unknown';
  if (elapsedMs < 1000) return `${Math.round(elapsedMs)} ms`;
  const seconds = elapsedMs / 1000;
  if (seconds < 59.95) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const totalMinutes = Math.floor(Math.round(seconds) / 60);
  if (totalMinutes < 60) return join(totalMinutes, 'min', Math.round(seconds) % 60, 's');
  const totalHours = Math.floor(totalMinutes / 60);
  if (totalHours < 24) return join(totalHours, 'h', totalMinutes % 60, 'min');
  return join(Math.floor(totalHours / 24), 'd', totalHours % 24, 'h');
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
