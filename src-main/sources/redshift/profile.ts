import { columnType } from '#shared/model/column-type';
import type { ProfileRequest, RiskKind, ValueRisk } from '../source.ts';
import { carryColumn } from './carry.ts';
import { queryOptional } from './catalog.ts';
import { parseNativeType } from './column-types.ts';
import type { Session } from './connect.ts';
import { redshiftDialect, whereClause } from './dialect.ts';
import { quoteIdentifier } from './quoting.ts';

/**
 * Longest VARCHAR of a table, in bytes. The functions that turn a value into text fail above the limit that the cluster has for text in memory, which was
 * 65,535 and is 16,000,000 in newer versions (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html), so longer values are tried out.
 */
const SAFE_TEXT_BYTES = 65_535;
const COLUMNS_A_SCAN = 50;

type RiskColumn = ProfileRequest['columns'][number];

/** One scan for every 50 columns at risk; then, for columns with very long values, one attempt to turn the longest one into text. */
export async function profileValues(
  session: Session,
  request: ProfileRequest,
  signal: AbortSignal,
): Promise<ValueRisk[]> {
  const risks: ValueRisk[] = [];
  for (let start = 0; start < request.columns.length; start += COLUMNS_A_SCAN) {
    const columns = request.columns.slice(start, start + COLUMNS_A_SCAN);
    const { rows } = await session.query(profileStatement({ ...request, columns }), signal);
    const found = rows[0] ?? [];
    for (const [index, column] of columns.entries()) {
      const count = Number(found[index * 2] ?? 0);
      if (count === 0 || (await isCarriedAllTheSame(session, { request, column }, signal))) continue;
      risks.push(toValueRisk(column, count, found[index * 2 + 1] ?? null));
    }
  }
  return risks;
}

/** For each column the number of values at risk and one of them (of very long values the length of the longest). */
export function profileStatement(request: ProfileRequest): string {
  const fields = request.columns.flatMap((column, index) => {
    const { condition, example } = riskTest(column);
    return [
      `COUNT(CASE WHEN ${condition} THEN 1 END) AS n${index + 1}`,
      `MAX(CASE WHEN ${condition} THEN ${example} END) AS e${index + 1}`,
    ];
  });
  return `SELECT ${fields.join(', ')} FROM ${redshiftDialect.tableName(request.table)}${whereClause([request.where])}`;
}

function riskTest(column: RiskColumn): { condition: string; example: string } {
  const name = quoteIdentifier(column.name);
  if (column.risk === 'date-range') return outside(name, "'0001-01-01'::date", "'9999-12-31'::date");
  if (column.risk === 'timestamp-range') {
    const isZoned = column.type.kind === 'timestamp-tz';
    const cast = isZoned ? "+00'::timestamptz" : "'::timestamp";
    return outside(name, `'0001-01-01 00:00:00${cast}`, `'9999-12-31 23:59:59.999999${cast}`);
  }
  const size = sizeExpression(column);
  return { condition: `${size} > ${SAFE_TEXT_BYTES}`, example: size };
}

function outside(name: string, lowest: string, highest: string): { condition: string; example: string } {
  return { condition: `${name} < ${lowest} OR ${name} > ${highest}`, example: `CAST(${name} AS VARCHAR(64))` };
}

/** Bytes of the text that the value becomes. JSON_SIZE has no limit of its own: https://docs.aws.amazon.com/redshift/latest/dg/r_json_size.html */
function sizeExpression(column: RiskColumn): string {
  const name = quoteIdentifier(column.name);
  switch (parseNativeType(column.nativeType).name) {
    case 'super':
      return `JSON_SIZE(${name})`;
    case 'geometry':
    case 'geography':
      return `OCTET_LENGTH(ST_AsEWKB(${name})) * 2`;
    case 'varbyte':
    case 'bytea':
      return `OCTET_LENGTH(${name}) * 2`;
    default:
      return `OCTET_LENGTH(${name})`;
  }
}

/** Whether the server turns even the longest value into text. */
async function isCarriedAllTheSame(
  session: Session,
  parts: { request: ProfileRequest; column: RiskColumn },
  signal: AbortSignal,
): Promise<boolean> {
  const { request, column } = parts;
  if (column.risk !== 'hex-length' && column.risk !== 'text-length') return false;
  const carry = carryColumn({
    name: column.name,
    ordinal: 1,
    nativeType: column.nativeType,
    type: columnType('unsupported'),
    nullable: true,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
  });
  if (carry.kind === 'not-carried') return false;
  const from = `FROM ${redshiftDialect.tableName(request.table)}${whereClause([request.where])}`;
  const longest = `SELECT OCTET_LENGTH(${carry.expression}) ${from} ORDER BY ${sizeExpression(column)} DESC NULLS LAST LIMIT 1`;
  return (await queryOptional(session, longest, signal)) !== null;
}

const DETAILS: Record<RiskKind, string> = {
  'date-range': 'dates before 0001-01-01 or after 9999-12-31, which a DATE of Snowflake does not hold',
  'timestamp-range': 'timestamps before 0001-01-01 or after 9999-12-31, which a TIMESTAMP of Snowflake does not hold',
  'hex-length': 'values whose hexadecimal text is longer than the longest text that this Redshift makes',
  'text-length': 'values whose JSON text is longer than the longest text that this Redshift makes',
};

function toValueRisk(column: RiskColumn, count: number, example: string | null): ValueRisk {
  const isLength = column.risk === 'hex-length' || column.risk === 'text-length';
  const shown =
    isLength && example !== null ? `a value of ${Number(example).toLocaleString('en-US')} bytes as text` : example;
  return {
    column: column.name,
    risk: column.risk,
    count,
    example: shown?.slice(0, 100) ?? null,
    detail: DETAILS[column.risk],
  };
}
