import { formatBytes } from '#shared/format/bytes';
import type { ProfileRequest, ValueRisk } from '../source.ts';
import { parseNativeType } from './column-types.ts';
import type { Session } from './connect.ts';
import { sqlServerDialect, whereClause } from './dialect.ts';
import { quoteIdentifier } from './quoting.ts';

/** The most that Snowflake's types hold: https://docs.snowflake.com/en/sql-reference/data-types-text */
const LONGEST_TEXT = 134_217_728;
const LONGEST_BINARY = 67_108_864;
/** Below this no XML is longer as text than Snowflake takes, and is not turned into text to find that out. */
const SHORT_XML_BYTES = 8_000_000;
const COLUMNS_A_SCAN = 50;

type RiskColumn = ProfileRequest['columns'][number];

/** One scan for every 50 columns whose values may be too long. */
export async function profileValues(
  session: Session,
  request: ProfileRequest,
  signal: AbortSignal,
): Promise<ValueRisk[]> {
  const risks: ValueRisk[] = [];
  for (let start = 0; start < request.columns.length; start += COLUMNS_A_SCAN) {
    const columns = request.columns.slice(start, start + COLUMNS_A_SCAN);
    const { rows } = await session.query(profileStatement({ ...request, columns }), { signal });
    const found = rows[0] ?? [];
    for (const [index, column] of columns.entries()) {
      const count = Number(found[index * 2] ?? 0);
      if (count > 0) risks.push(toValueRisk(column, { count, longest: Number(found[index * 2 + 1] ?? 0) }));
    }
  }
  return risks;
}

/** For each column the number of values that are too long, and the size of the longest one. DATALENGTH does not read values that lie outside the row. */
export function profileStatement(request: ProfileRequest): string {
  const fields = request.columns.flatMap((column, index) => {
    const size = sizeExpression(column);
    return [
      `COUNT_BIG(CASE WHEN ${size} > ${limitOf(column)} THEN 1 END) AS [n${index + 1}]`,
      `MAX(${size}) AS [e${index + 1}]`,
    ];
  });
  return `SELECT ${fields.join(', ')} FROM ${sqlServerDialect.tableName(request.table)}${whereClause([request.where])}`;
}

function limitOf({ type }: RiskColumn): number {
  return type.kind === 'binary' ? LONGEST_BINARY : LONGEST_TEXT;
}

/** Bytes of binary values, characters of others. Characters of a code page and of UTF-8 count by bytes, which are never fewer. */
function sizeExpression(column: RiskColumn): string {
  const name = quoteIdentifier(column.name);
  switch (parseNativeType(column.nativeType).name) {
    case 'nvarchar':
    case 'ntext':
      return `DATALENGTH(${name}) / 2`;
    case 'xml':
    case 'json':
      return `CASE WHEN DATALENGTH(${name}) > ${SHORT_XML_BYTES} THEN DATALENGTH(CONVERT(nvarchar(max), ${name})) / 2 ELSE DATALENGTH(${name}) END`;
    default:
      return `DATALENGTH(${name})`;
  }
}

function toValueRisk(column: RiskColumn, { count, longest }: { count: number; longest: number }): ValueRisk {
  const isBinary = column.type.kind === 'binary';
  return {
    column: column.name,
    risk: column.risk,
    count,
    example: `a value of ${formatBytes(longest)}`,
    detail: isBinary
      ? 'values longer than 64 MB, which a BINARY of Snowflake does not hold'
      : 'values longer than 128 MB, which a VARCHAR or VARIANT of Snowflake does not hold',
  };
}
