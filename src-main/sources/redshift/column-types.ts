import { columnType, type ColumnType } from '#shared/model/column-type';

/** Types that a table list names because they cannot be carried or need care on the way, by their Redshift names. */
const CARE_TYPES = new Set(['hllsketch', 'geometry', 'geography', 'varbyte', 'super', 'timetz', 'interval']);

/**
 * The neutral type of a Redshift type as the catalog writes it (`character varying(20)`, `timestamp with time zone`, `super`), or of the PostgreSQL and
 * Spectrum spellings of the same. What has no neutral form is `unsupported`. https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
 */
export function toColumnType(nativeType: string): ColumnType {
  const { name, sizes } = parseNativeType(nativeType);
  const [first = null, second = null] = sizes;
  switch (name) {
    case 'smallint':
      return columnType('integer', { precision: 5, scale: 0 });
    case 'integer':
      return columnType('integer', { precision: 10, scale: 0 });
    case 'bigint':
      return columnType('integer', { precision: 19, scale: 0 });
    case 'numeric':
      return columnType('decimal', { precision: first, scale: first === null ? null : (second ?? 0) });
    case 'real':
      return columnType('float', { precision: 24 });
    case 'double precision':
      return columnType('float', { precision: 53 });
    case 'boolean':
      return columnType('boolean');
    case 'char':
      return columnType('text', { length: first ?? 1, padded: true });
    case 'varchar':
      return columnType('text', { length: first });
    case 'varbyte':
    case 'bytea':
      return columnType('binary', { length: first });
    case 'date':
      return columnType('date');
    case 'time':
      return columnType('time', { precision: first ?? 6 });
    case 'timetz':
      return columnType('time-tz', { precision: first ?? 6 });
    case 'timestamp':
      return columnType('timestamp', { precision: first ?? 6 });
    case 'timestamptz':
      return columnType('timestamp-tz', { precision: first ?? 6 });
    case 'super':
    case 'json':
    case 'jsonb':
      return columnType('json');
    case 'xml':
      return columnType('xml');
    case 'uuid':
      return columnType('uuid');
    case 'geometry':
      return columnType('geometry');
    case 'geography':
      return columnType('geography');
    case 'interval':
      return columnType('interval');
    default:
      return columnType('unsupported');
  }
}

/** The type as a reader of Redshift's manual knows it: `varchar(20)` for `character varying(20)`; unknown ones as they are written. */
export function displayType(nativeType: string): string {
  const { name, sizes, qualifier } = parseNativeType(nativeType);
  const size = sizes.length > 0 && !name.startsWith('interval') ? `(${sizes.join(',')})` : '';
  return `${name}${qualifier === '' ? '' : ` ${qualifier}`}${size}`;
}

/** The type's name when tables that have it are pointed out in the list, else null. */
export function careType(nativeType: string): string | null {
  const { name } = parseNativeType(nativeType);
  return CARE_TYPES.has(name) || toColumnType(nativeType).kind === 'unsupported' ? name : null;
}

export interface NativeType {
  /** Redshift's short name in lower case: `varchar`, `timestamptz`. */
  name: string;
  /** Numbers in parentheses: length, or precision and scale. */
  sizes: number[];
  /** The fields of an interval type: `year to month`. */
  qualifier: string;
}

const SHORT_NAMES: Record<string, string> = {
  int2: 'smallint',
  tinyint: 'smallint',
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  oid: 'bigint',
  decimal: 'numeric',
  float4: 'real',
  float: 'double precision',
  float8: 'double precision',
  double: 'double precision',
  bool: 'boolean',
  character: 'char',
  nchar: 'char',
  bpchar: 'char',
  'character varying': 'varchar',
  nvarchar: 'varchar',
  text: 'varchar',
  string: 'varchar',
  name: 'varchar',
  'binary varying': 'varbyte',
  varbinary: 'varbyte',
  binary: 'varbyte',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
};

/** Takes apart a type as the catalog writes it; a schema in front of it is dropped. */
export function parseNativeType(nativeType: string): NativeType {
  const plain = withoutSchema(nativeType.trim()).toLowerCase();
  const interval = /^interval(?:\s+([a-z ]+?))?\s*(?:\(\d+\))?$/.exec(plain);
  if (interval) return { name: 'interval', sizes: [], qualifier: interval[1] ?? '' };
  const match = /^([a-z_"][\w" ]*?)\s*(?:\(([\d,\s]+)\))?((?:\s+with(?:out)? time zone)?)$/.exec(plain);
  if (!match) return { name: plain, sizes: [], qualifier: '' };
  const spelled = (match[1] ?? '') + (match[3] ?? '');
  const name = spelled === '"char"' ? 'char' : (SHORT_NAMES[spelled] ?? spelled);
  const sizes = (match[2] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  return { name, sizes, qualifier: '' };
}

/** `types.super` and `"types"."super"` name a type by its schema; the type's own name counts. */
function withoutSchema(nativeType: string): string {
  const qualified = /^(?:"(?:[^"]|"")*"|[\w$]+)\.(.+)$/.exec(nativeType);
  const name = qualified?.[1] ?? nativeType;
  const quoted = /^"((?:[^"]|"")*)"(\(.*\))?$/.exec(name);
  return quoted && name !== '"char"' ? (quoted[1] ?? '') + (quoted[2] ?? '') : name;
}
