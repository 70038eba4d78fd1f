/**
 * Makes the value of a message's text. Stands by itself without names from outside, so that a page can be given it as text too. `ids` answers what
 * `id:projectId`, `revision` and the like stand for.
 */
export function revive(text: string, ids: Record<string, unknown>): unknown {
  const long = 100_000;
  const deep = (levels: number): unknown => {
    let value: unknown = 'bottom';
    for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { deeper: value };
    return value;
  };
  const make = (name: string): unknown => {
    switch (name) {
      case 'nan':
        return NaN;
      case 'infinity':
        return Infinity;
      case 'minus-infinity':
        return -Infinity;
      case 'minus-zero':
        return -0;
      case 'undefined':
        return undefined;
      case 'bigint':
        return 2n ** 70n;
      case 'date':
        return new Date(NaN);
      case 'map':
        return new Map([['projectId', 'x']]);
      case 'bytes':
        return new Uint8Array(1000);
      case 'deep':
        return deep(900);
      case 'cycle': {
        const cycle: Record<string, unknown> = {};
        cycle['self'] = cycle;
        return cycle;
      }
      case 'long-text':
        return 'x'.repeat(10 * long);
      case 'long-tokens':
        return '-eyJ'.repeat(long / 4);
      case 'long-blanks':
        return `access_key_id${' '.repeat(long)}`;
      case 'long-array':
        return Array.from({ length: 10_000 }, (_, index) => `item ${index}`);
      case 'many-keys':
        return Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key${index}`, index]));
      default:
        return name in ids ? ids[name] : name;
    }
  };
  const parsed: unknown = JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && '%' in value ? make(String(value['%'])) : value,
  );
  return parsed;
}
