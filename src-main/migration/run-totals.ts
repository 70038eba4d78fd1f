import type { RunTotals, TableProgress } from '#shared/model/run';

/** Totals of a run, kept up to date table by table: a change costs one table, not all of them. */
export interface RunTotalsKeeper {
  set(table: TableProgress): void;
  sum(): RunTotals;
}

export function createRunTotals(): RunTotalsKeeper {
  const counted = new Map<string, RunTotals>();
  const sums: RunTotals = zeroTotals();
  let tablesWithEstimate = 0;
  const add = (part: RunTotals, sign: 1 | -1): void => {
    for (const key of Object.keys(sums) as (keyof RunTotals)[]) sums[key] = (sums[key] ?? 0) + sign * (part[key] ?? 0);
    if (part.expectedRows !== null) tablesWithEstimate += sign;
  };
  return {
    set(table) {
      const before = counted.get(table.id);
      if (before) add(before, -1);
      const after = totalsOfTable(table);
      counted.set(table.id, after);
      add(after, 1);
    },
    sum: () => ({ ...sums, expectedRows: tablesWithEstimate === 0 ? null : sums.expectedRows }),
  };
}

/** A loaded table counts with its real rows, the others with what the catalog estimates. */
function totalsOfTable(table: TableProgress): RunTotals {
  return {
    tables: 1,
    tablesLoaded: table.state === 'loaded' ? 1 : 0,
    tablesFailed: table.state === 'failed' ? 1 : 0,
    partitions: table.partitionCount,
    partitionsLoaded: table.partitionsLoaded,
    expectedRows: table.state === 'loaded' ? table.sourceRows : table.expectedRows,
    sourceRows: table.sourceRows ?? 0,
    stagedRows: table.stagedRows ?? 0,
    loadedRows: table.loadedRows ?? 0,
    stagedBytes: table.stagedBytes ?? 0,
    warnings: table.warnings.length,
  };
}

function zeroTotals(): RunTotals {
  return {
    tables: 0,
    tablesLoaded: 0,
    tablesFailed: 0,
    partitions: 0,
    partitionsLoaded: 0,
    expectedRows: 0,
    sourceRows: 0,
    stagedRows: 0,
    loadedRows: 0,
    stagedBytes: 0,
    warnings: 0,
  };
}
