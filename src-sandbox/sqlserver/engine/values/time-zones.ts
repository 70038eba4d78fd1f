/**
 * Windows time zone names that AT TIME ZONE takes, with their IANA names; the list of the vendor's is in sys.time_zone_info. Others are refused.
 * https://github.com/unicode-org/cldr/blob/main/common/supplemental/windowsZones.xml
 */
const ZONES: Readonly<Record<string, string>> = {
  utc: 'Etc/UTC',
  'gmt standard time': 'Europe/London',
  'greenwich standard time': 'Atlantic/Reykjavik',
  'w. europe standard time': 'Europe/Berlin',
  'central europe standard time': 'Europe/Budapest',
  'romance standard time': 'Europe/Paris',
  'central european standard time': 'Europe/Warsaw',
  'e. europe standard time': 'Europe/Chisinau',
  'gtb standard time': 'Europe/Bucharest',
  'fle standard time': 'Europe/Kiev',
  'russian standard time': 'Europe/Moscow',
  'turkey standard time': 'Europe/Istanbul',
  'israel standard time': 'Asia/Jerusalem',
  'arabian standard time': 'Asia/Dubai',
  'india standard time': 'Asia/Calcutta',
  'nepal standard time': 'Asia/Katmandu',
  'china standard time': 'Asia/Shanghai',
  'singapore standard time': 'Asia/Singapore',
  'tokyo standard time': 'Asia/Tokyo',
  'korea standard time': 'Asia/Seoul',
  'aus eastern standard time': 'Australia/Sydney',
  'new zealand standard time': 'Pacific/Auckland',
  'hawaiian standard time': 'Pacific/Honolulu',
  'alaskan standard time': 'America/Anchorage',
  'pacific standard time': 'America/Los_Angeles',
  'us mountain standard time': 'America/Phoenix',
  'mountain standard time': 'America/Denver',
  'central standard time': 'America/Chicago',
  'eastern standard time': 'America/New_York',
  'atlantic standard time': 'America/Halifax',
  'newfoundland standard time': 'America/St_Johns',
  'e. south america standard time': 'America/Sao_Paulo',
};

const TICKS_AT_EPOCH = 621_355_968_000_000_000n;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes that a zone is ahead of UTC at `ticks` (since 0001-01-01, of UTC, or of the zone's wall clock when `isLocal`); undefined for an unknown zone. */
export function zoneOffset(name: string, ticks: bigint, isLocal: boolean): number | undefined {
  const zone = ZONES[name.trim().toLowerCase()];
  if (zone === undefined) return undefined;
  const milliseconds = Number((ticks - TICKS_AT_EPOCH) / 10_000n);
  const first = offsetAt(zone, milliseconds);
  if (!isLocal) return first;
  // A time that clocks skip is taken by the offset before the change, one that they show twice by the later, standard one.
  const before = offsetAt(zone, milliseconds - first * 60_000);
  const other = offsetAt(zone, milliseconds - before * 60_000);
  return before === other ? before : Math.min(before, other);
}

function offsetAt(zone: string, utcMilliseconds: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(utcMilliseconds).map(({ type, value }) => [type, Number(value)]),
  );
  const local = Date.UTC(
    parts['year'] ?? 0,
    (parts['month'] ?? 1) - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
    parts['second'],
  );
  return Math.round((local - Math.floor(utcMilliseconds / 1000) * 1000) / 60_000);
}
