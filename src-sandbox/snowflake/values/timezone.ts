const formats = new Map<string, Intl.DateTimeFormat>();
const cache = new Map<string, number>();

/** Whether the name is an IANA time zone that can be used. */
export function isTimezone(zone: string): boolean {
  try {
    formatFor(zone);
    return true;
  } catch {
    return false;
  }
}

/** Offset from UTC in minutes of `zone` at an instant (seconds since the epoch). Offsets change on quarter hours at most. */
export function offsetAt(zone: string, epochSeconds: number): number {
  if (zone === 'UTC' || zone === 'Etc/UTC' || zone === 'GMT') return 0;
  const quarter = Math.floor(epochSeconds / 900);
  const key = `${zone} ${quarter}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parts = formatFor(zone).formatToParts(new Date(quarter * 900_000));
  const get = (type: string): number => Number(parts.find((p) => p.type === type)?.value);
  const era = parts.find((p) => p.type === 'era')?.value;
  const year = era === 'BC' || era === 'B' ? 1 - get('year') : get('year');
  const wall = new Date(0);
  wall.setUTCFullYear(year, get('month') - 1, get('day'));
  wall.setUTCHours(get('hour') % 24, get('minute'), get('second'));
  const offset = Math.round((wall.getTime() - quarter * 900_000) / 60_000);
  if (cache.size > 200_000) cache.clear();
  cache.set(key, offset);
  return offset;
}

/** The instant (seconds) at which the zone's wall clock shows `wallSeconds`; in a gap the earlier offset counts. */
export function instantOf(zone: string, wallSeconds: number): number {
  const first = wallSeconds - offsetAt(zone, wallSeconds) * 60;
  const second = wallSeconds - offsetAt(zone, first) * 60;
  return second;
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}
