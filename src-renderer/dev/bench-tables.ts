import type { TableTarget } from '#shared/ipc/contract';
import type { TableTask } from '#shared/model/plan';
import { tableKey, type TableRef, type TableSummary } from '#shared/model/table';

const NAMES = ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier'];

/** Eight tables of TPC-H and as many more as wanted, with targets in every state. */
export function benchTables(count: number): TableSummary[] {
  return Array.from({ length: count }, (_, index) => ({
    ref: {
      database: 'dev',
      schema: index < 8 ? 'tpch' : `area_${Math.floor(index / 500)}`,
      name: index < 8 ? (NAMES[index] ?? '') : `table_${index}`,
    },
    kind: 'table',
    rowEstimate: index % 7 === 3 ? 0 : 1000 * (index + 1) ** 2,
    byteEstimate: 90_000 * (index + 1) ** 2,
    columnCount: 8,
    careTypes: index % 5 === 4 ? ['super'] : [],
  }));
}

export function benchTarget(source: TableRef, index: number): TableTarget {
  const target = { database: 'ANALYTICS', schema: source.schema.toUpperCase(), name: source.name.toUpperCase() };
  const state = index % 4 === 1 ? 'exists' : index % 4 === 2 ? 'differs' : 'missing';
  const differences: TableTarget['differences'] =
    state === 'differs'
      ? [
          {
            kind: 'extra-in-target',
            sourceColumn: null,
            targetColumn: 'LOADED_AT',
            detail: 'LOADED_AT exists only in the target and is filled with its default.',
            blocks: false,
          },
        ]
      : [];
  return { source, target, state, targetRows: state === 'missing' ? null : index * 10, differences };
}

export function benchTask(source: TableRef, partitions = 1): TableTask {
  const { target } = benchTarget(source, 0);
  const columns = ['o_orderkey', 'o_totalprice', 'o_orderdate', 'o_comment'];
  return {
    id: tableKey(source),
    source,
    target,
    targetState: 'missing',
    targetRows: null,
    columns: columns.map((name, index) => ({
      sourceName: name,
      nativeType: ['bigint', 'numeric(15,2)', 'date', 'varchar(79)'][index] ?? 'text',
      type: { kind: 'text', precision: null, scale: null, length: null, padded: false },
      alias: `c${index + 1}`,
      sourceExpression: `"${name}"`,
      carrier: 'native-text',
      targetName: name.toUpperCase(),
      targetType: ['NUMBER(19,0)', 'NUMBER(15,2)', 'DATE', 'VARCHAR(79)'][index] ?? 'VARCHAR',
      loadExpression: `$1:c${index + 1}`,
      notes: index === 3 ? ['Trailing blanks are kept.'] : [],
    })),
    leftOut: [{ sourceName: 'o_sketch', nativeType: 'hllsketch', reason: 'UNLOAD cannot write HLLSKETCH to Parquet.' }],
    differences: [],
    existingRows: 'stop',
    createDdl: `CREATE TABLE "ANALYTICS"."TPCH"."${target.name}" (\n  O_ORDERKEY NUMBER(19,0) NOT NULL,\n  O_TOTALPRICE NUMBER(15,2)\n);`,
    where: '',
    partitions: Array.from({ length: partitions }, (_, index) => ({
      id: `part${index}`,
      index,
      label: partitions === 1 ? 'all rows' : `o_orderdate in year ${1992 + index}`,
      sourcePredicate: null,
      expectedRows: 1_500_000,
      expectedBytes: 60_000_000,
    })),
    expectedRows: 1_500_000,
    expectedBytes: 60_000_000,
    blocked: null,
  };
}
