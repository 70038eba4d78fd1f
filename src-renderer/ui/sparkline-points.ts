/** Points of a polyline that fills the box from left to right; the highest value touches the top, zero the bottom. */
export function sparklinePoints(
  values: readonly number[],
  { width, height }: { width: number; height: number },
): string {
  const highest = Math.max(...values, 1);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values.map((value, index) => `${round(index * step)},${round(height - (height * value) / highest)}`).join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
