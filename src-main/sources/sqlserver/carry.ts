import type { Carrier } from '#shared/model/column-type';
import type { ColumnDescription } from '#shared/model/table';
import type { ColumnCarry, RiskKind } from '../source.ts';
import { parseNativeType, type NativeType } from './column-types.ts';
import { quoteIdentifier } from './quoting.ts';

/** What Snowflake's NUMBER takes: https://docs.snowflake.com/en/sql-reference/data-types-numeric */
const MOST_SCALE = 37;

/**
 * How a column of SQL Server travels. Most expressions are the bare column, because the reader takes the values from the wire exactly; types without an
 * exact form on the wire (sql_variant, spatial and other CLR types) become text at the server. `asText` asks for the text form of dates and timestamps.
 */
export function carryColumn(column: ColumnDescription, options: { asText?: boolean } = {}): ColumnCarry {
  const obstacle = obstacleOf(column);
  if (obstacle !== null) return { kind: 'not-carried', reason: obstacle };
  const carry = carryType(column, options.asText ?? false);
  return carry.kind === 'carried' ? { ...carry, notes: [...carry.notes, ...traitNotes(column)] } : carry;
}

/**
 * The value as text, spelled so that no digit is lost, for readers that get values through the public driver API alone: it decodes decimals and money
 * through doubles, drops offsets of datetimeoffset and digits of time(7) and datetime2(7). Types that are carried as text anyway keep their expression.
 * Styles: https://learn.microsoft.com/en-us/sql/t-sql/functions/cast-and-convert-transact-sql
 */
export function exactTextExpression(column: Pick<ColumnDescription, 'name' | 'nativeType'>): string {
  const name = quoteIdentifier(column.name);
  const native = parseNativeType(column.nativeType);
  switch (native.name) {
    case 'bit':
      return `CONVERT(varchar(1), ${name})`;
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return `CONVERT(varchar(20), ${name})`;
    case 'decimal':
      return `CONVERT(varchar(41), ${name})`;
    case 'money':
    case 'smallmoney':
      return `CONVERT(varchar(41), CAST(${name} AS decimal(19,4)))`;
    case 'real':
    case 'float':
      return `CONVERT(varchar(30), ${name}, 3)`;
    case 'date':
      return `CONVERT(varchar(10), ${name}, 23)`;
    case 'time':
      return `CONVERT(varchar(16), ${name}, 121)`;
    case 'smalldatetime':
      return `CONVERT(varchar(19), ${name}, 120)`;
    case 'datetime':
      return `CONVERT(varchar(23), ${name}, 121)`;
    case 'datetime2':
      return `CONVERT(varchar(27), ${name}, 121)`;
    case 'datetimeoffset':
      return `CONVERT(varchar(34), ${name}, 121)`;
    default:
      return textOfLongType(name, native);
  }
}

function textOfLongType(name: string, native: NativeType): string {
  switch (native.name) {
    case 'char':
    case 'varchar':
      return `CONVERT(${wideText(native)}, ${name})`;
    case 'text':
      return `CONVERT(nvarchar(max), CONVERT(varchar(max), ${name}))`;
    case 'ntext':
    case 'xml':
    case 'json':
    case 'vector':
      return `CONVERT(nvarchar(max), ${name})`;
    case 'binary':
    case 'varbinary':
      return `CONVERT(varchar(max), ${name}, 2)`;
    case 'image':
      return `CONVERT(varchar(max), CONVERT(varbinary(max), ${name}), 2)`;
    case 'rowversion':
      return `CONVERT(varchar(16), CONVERT(binary(8), ${name}), 2)`;
    case 'uniqueidentifier':
      return `CONVERT(varchar(36), ${name})`;
    case 'sql_variant':
      return variantText(name);
    case 'hierarchyid':
    case 'clr':
      return `${name}.ToString()`;
    case 'geometry':
    case 'geography':
      return extendedWkt(name);
    default:
      return name;
  }
}

/** Unicode text long enough for the code page's: no byte of a code page stands for more than one character. */
function wideText({ sizes }: NativeType): string {
  const length = sizes[0] ?? 1;
  return length < 0 || length > 4000 ? 'nvarchar(max)' : `nvarchar(${length})`;
}

function carryType(column: ColumnDescription, asText: boolean): ColumnCarry {
  const name = quoteIdentifier(column.name);
  const native = parseNativeType(column.nativeType);
  const [size = 7, scale = 0] = native.sizes;
  switch (native.name) {
    case 'bit':
      return carried(name, 'native-boolean');
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return carried(name, 'native-integer');
    case 'decimal':
      if (scale <= MOST_SCALE) return carried(name, 'native-decimal');
      return carried(exactTextExpression(column), 'decimal-text', {
        notes: [`NUMBER of Snowflake has ${MOST_SCALE} digits behind the point at most; the value is carried as text.`],
      });
    case 'money':
    case 'smallmoney':
      return carried(name, 'native-decimal');
    case 'real':
    case 'float':
      return carried(name, 'native-float');
    case 'date':
      return asText ? carried(exactTextExpression(column), 'iso-date') : carried(name, 'native-date');
    case 'time':
      return asText ? carried(exactTextExpression(column), 'iso-time') : carried(name, 'iso-time');
    case 'datetime':
      return carryTimestamp(column, {
        asText,
        carrier: 'native-timestamp',
        notes: [
          'SQL Server keeps datetime in steps of 1/300 of a second; the milliseconds arrive as SQL Server shows them (.000, .003, .007).',
        ],
      });
    case 'smalldatetime':
      return carryTimestamp(column, { asText, carrier: 'native-timestamp' });
    case 'datetime2':
      return carryTimestamp(column, { asText, carrier: size > 6 ? 'iso-timestamp' : 'native-timestamp' });
    case 'datetimeoffset':
      return asText ? carried(exactTextExpression(column), 'iso-timestamp-tz') : carried(name, 'iso-timestamp-tz');
    default:
      return carryLongType(column, native);
  }
}

function carryTimestamp(
  column: ColumnDescription,
  parts: { asText: boolean; carrier: Carrier; notes?: string[] },
): ColumnCarry {
  const notes = parts.notes ?? [];
  return parts.asText
    ? carried(exactTextExpression(column), 'iso-timestamp', { notes })
    : carried(quoteIdentifier(column.name), parts.carrier, { notes });
}

function carryLongType(column: ColumnDescription, native: NativeType): ColumnCarry {
  const name = quoteIdentifier(column.name);
  const risk = native.sizes[0] === -1 ? 'text-length' : null;
  switch (native.name) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return carried(name, 'native-text', { risk, notes: collationNotes(column) });
    case 'text':
      return carried(`CONVERT(varchar(max), ${name})`, 'native-text', {
        risk: 'text-length',
        notes: collationNotes(column),
      });
    case 'ntext':
      return carried(`CONVERT(nvarchar(max), ${name})`, 'native-text', {
        risk: 'text-length',
        notes: collationNotes(column),
      });
    case 'binary':
    case 'varbinary':
      return carried(name, 'native-binary', { risk });
    case 'image':
      return carried(`CONVERT(varbinary(max), ${name})`, 'native-binary', { risk: 'text-length' });
    case 'rowversion':
      return carried(name, 'native-binary', {
        notes: ['The row version is carried as it is now; Snowflake does not raise it when the row changes.'],
      });
    case 'uniqueidentifier':
      return carried(name, 'native-text', { notes: ['The identifier arrives as text in upper case.'] });
    case 'xml':
      return carried(`CONVERT(nvarchar(max), ${name})`, 'xml', { risk: 'text-length' });
    case 'json':
      return carried(`CONVERT(nvarchar(max), ${name})`, 'json', { risk: 'text-length' });
    case 'vector':
      return carried(`CONVERT(nvarchar(max), ${name})`, 'json', { notes: ['The vector arrives as a JSON array.'] });
    default:
      return carryRareType(column, native);
  }
}

function carryRareType(column: ColumnDescription, native: NativeType): ColumnCarry {
  const expression = exactTextExpression(column);
  switch (native.name) {
    case 'sql_variant':
      return carried(expression, 'native-text', {
        notes: ['Each value arrives as text; its base type (int, datetime and so on) is not carried.'],
      });
    case 'hierarchyid':
      return carried(expression, 'native-text', { notes: ['The node arrives as its path, such as /1/3/.'] });
    case 'geometry':
    case 'geography':
      return carried(expression, 'wkt', {
        notes: [
          'The shape travels as text (WKT) with its SRID. Circular arcs, FULLGLOBE, and Z and M values have no place in the spatial types of Snowflake; a text column keeps them.',
        ],
      });
    case 'clr':
      return carried(expression, 'native-text', {
        notes: [`The value arrives as the text that the type ${column.nativeType} makes of itself (ToString).`],
      });
    default:
      return {
        kind: 'not-carried',
        reason: `The type ${column.nativeType} is not known to Snowferry. A view that casts the column to a known type can be carried.`,
      };
  }
}

/**
 * The text of a sql_variant by its base type. Left to itself, the server would write datetime without seconds, money with two decimals and binary as
 * characters. https://learn.microsoft.com/en-us/sql/t-sql/functions/sql-variant-property-transact-sql
 */
function variantText(name: string): string {
  const cases: [string, string][] = [
    ['datetime', `CONVERT(nvarchar(23), CONVERT(datetime, ${name}), 121)`],
    ['smalldatetime', `CONVERT(nvarchar(19), CONVERT(smalldatetime, ${name}), 120)`],
    ['datetime2', `CONVERT(nvarchar(27), CONVERT(datetime2(7), ${name}), 121)`],
    ['datetimeoffset', `CONVERT(nvarchar(34), CONVERT(datetimeoffset(7), ${name}), 121)`],
    ['date', `CONVERT(nvarchar(10), CONVERT(date, ${name}), 23)`],
    ['time', `CONVERT(nvarchar(16), CONVERT(time(7), ${name}), 121)`],
    ['money', `CONVERT(nvarchar(41), CAST(CONVERT(money, ${name}) AS decimal(19,4)))`],
    ['smallmoney', `CONVERT(nvarchar(41), CAST(CONVERT(smallmoney, ${name}) AS decimal(19,4)))`],
    ['real', `CONVERT(nvarchar(30), CONVERT(real, ${name}), 3)`],
    ['float', `CONVERT(nvarchar(30), CONVERT(float, ${name}), 3)`],
    ['binary', `CONVERT(nvarchar(max), CONVERT(varbinary(8000), ${name}), 1)`],
    ['varbinary', `CONVERT(nvarchar(max), CONVERT(varbinary(8000), ${name}), 1)`],
  ];
  const whens = cases.map(([type, text]) => `WHEN '${type}' THEN ${text}`).join(' ');
  return `CASE CONVERT(varchar(128), SQL_VARIANT_PROPERTY(${name}, 'BaseType')) ${whens} ELSE CONVERT(nvarchar(max), ${name}) END`;
}

/** EWKT, which TO_GEOGRAPHY and TO_GEOMETRY read: https://docs.snowflake.com/en/sql-reference/functions/to_geography. STAsText would drop Z and M. */
function extendedWkt(name: string): string {
  return `N'SRID=' + CONVERT(nvarchar(11), ${name}.STSrid) + N';' + ${name}.AsTextZM()`;
}

function obstacleOf(column: ColumnDescription): string | null {
  const traits = column.traits ?? [];
  if (traits.includes('internal')) return 'SQL Server keeps this column for itself; it cannot be read by its name.';
  if (traits.includes('column-set'))
    return 'A column set shows the sparse columns once more, as XML; these columns are carried themselves.';
  if (traits.includes('encrypted'))
    return 'The column is protected by Always Encrypted: without its key only cipher text can be read. A view does not help; the column has to be decrypted at the source.';
  if (traits.includes('masked'))
    return 'The column is masked, and this user sees the mask instead of the values. GRANT UNMASK to the user lifts that.';
  return null;
}

function traitNotes(column: ColumnDescription): string[] {
  const notes: string[] = [];
  if (column.isIdentity)
    notes.push('The numbers of the identity column are carried; Snowflake does not go on counting.');
  if (column.isComputed) {
    const isStored = !(column.traits ?? []).includes('computed-on-read');
    notes.push(
      isStored
        ? 'The column is computed; its stored values are carried, its formula is not.'
        : 'The column is computed whenever it is read; the values of that moment are carried, its formula is not.',
    );
  }
  if (column.traits?.includes('hidden')) notes.push('SELECT * leaves this column out; it is carried by its name.');
  return notes;
}

/** Names of collations tell how they compare: https://learn.microsoft.com/en-us/sql/relational-databases/collations/collation-and-unicode-support */
function collationNotes({ collation }: ColumnDescription): string[] {
  if (collation === undefined) return [];
  const isCaseBlind = /_CI(_|$)/i.test(collation);
  const isAccentBlind = /_AI(_|$)/i.test(collation);
  if (!isCaseBlind && !isAccentBlind) return [];
  const what = [isCaseBlind ? 'case' : '', isAccentBlind ? 'accents' : ''].filter((part) => part !== '').join(' and ');
  return [`SQL Server compares this column without regard to ${what} (${collation}); Snowflake compares exactly.`];
}

function carried(
  expression: string,
  carrier: Carrier,
  extra: { risk?: RiskKind | null; notes?: string[] } = {},
): ColumnCarry {
  return { kind: 'carried', expression, carrier, notes: extra.notes ?? [], risk: extra.risk ?? null };
}
