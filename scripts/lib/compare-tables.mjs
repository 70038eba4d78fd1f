import { createHash } from 'node:crypto';
import { readSnowflakeRows } from './read-snowflake-rows.mjs';
import { readSourceRows } from './read-source-rows.mjs';

/** Rows that are counted one by one when two tables differ; above this only the fact is told. */
const MOST_COUNTED_ROWS = 2_000_000;

/**
 * Compares tables row by row, whatever their order, with the drivers alone: no query and no code of a run takes part.
 * @param {{ source: 'redshift' | 'sqlserver', sandbox: any, tables: { source: { schema: string, name: string }, target: { database: string, schema: string, name: string } }[] }} options
 * @returns {Promise<{ table: string, sourceRows: number, targetRows: number, isEqual: boolean, missing: number | null, extra: number | null }[]>}
 *   `missing`: rows of the source that the target does not have; `extra`: rows of the target that the source does not have, duplicates included; null when
 *   the tables are too large to say
 */
export async function compareTables({ source, sandbox, tables }) {
  const results = [];
  for (const { source: from, target: to } of tables) {
    const readSource = (onRow) => readSourceRows({ kind: source, server: sandbox[source], table: from, onRow });
    const readTarget = (onRow) => readSnowflakeRows({ server: sandbox.snowflake, table: to, onRow });
    results.push({ table: `${from.schema}.${from.name}`, ...(await compareRows(readSource, readTarget)) });
  }
  return results;
}

/** The same for two functions that hand over rows as often as they are called. */
export async function compareRows(readSource, readTarget) {
  const [before, after] = await Promise.all([digest(readSource), digest(readTarget)]);
  const isEqual = before.rows === after.rows && before.sum === after.sum;
  const isCountable = Math.max(before.rows, after.rows) <= MOST_COUNTED_ROWS;
  const same = { missing: 0, extra: 0 };
  const unknown = { missing: null, extra: null };
  const differences = isEqual ? same : isCountable ? await countDifferences(readSource, readTarget) : unknown;
  return { sourceRows: before.rows, targetRows: after.rows, isEqual, ...differences };
}

/** The sum of the rows' hashes modulo 2^128: the same for the same rows in any order, and changed by each row that is lost, added or doubled. */
async function digest(read) {
  const sum = new BigUint64Array(2);
  let rows = 0;
  await read((row) => {
    const hash = hashRow(row);
    sum[0] += hash.readBigUInt64LE(0);
    sum[1] += hash.readBigUInt64LE(8);
    rows += 1;
  });
  return { rows, sum: `${sum[0]}-${sum[1]}` };
}

async function countDifferences(readSource, readTarget) {
  const counts = new Map();
  const add = (step) => (row) => {
    const key = hashRow(row).toString('latin1');
    counts.set(key, (counts.get(key) ?? 0) + step);
  };
  await readSource(add(1));
  await readTarget(add(-1));
  let missing = 0;
  let extra = 0;
  for (const count of counts.values()) {
    if (count > 0) missing += count;
    else extra -= count;
  }
  return { missing, extra };
}

function hashRow(row) {
  const hash = createHash('md5');
  for (const value of row) hash.update(value === null ? '\u0000' : `${canonical(value)}\u0001`);
  return hash.digest();
}

/** Zeros behind the last digit of a fraction and the blanks that pad CHAR mean nothing; both sides leave them out. */
function canonical(text) {
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text.trimEnd();
}
