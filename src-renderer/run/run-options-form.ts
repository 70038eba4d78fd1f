import { runOptionsSchema, type PartitionSize, type RunOptions, type TableSelection } from '#shared/model/project';
import { toWholeNumber, type FieldErrors } from '../wizard/form-values.ts';

/** The options of a run as typed. */
export type RunOptionValues = { readonly [Name in (typeof RUN_OPTION_FIELDS)[number]]: string };

/** In the order of the dialog. `partitionKind` is `auto`, `rows`, `megabytes`, or `mixed` while tables differ. */
export const RUN_OPTION_FIELDS = [
  'isolation',
  'unloadLanes',
  'partitionKind',
  'partitionRows',
  'partitionMb',
  'loadLanes',
  'loadLanesPerTable',
  'localDirectory',
  'localQuotaMb',
  'cleanUp',
  'maxFileSizeMb',
  'maxAttempts',
  'stopAfterFailedTables',
  'createMissingTargets',
  'ledgerDatabase',
  'ledgerSchema',
] as const;

export function runOptionValuesOf(options: RunOptions, selection: readonly TableSelection[]): RunOptionValues {
  const size = commonSize(selection);
  return {
    isolation: options.isolation,
    unloadLanes: String(options.unloadLanes),
    partitionKind: size === null ? 'mixed' : size.kind,
    partitionRows: size?.kind === 'rows' ? String(size.maxRowsPerPartition) : '1000000',
    partitionMb: size?.kind === 'megabytes' ? String(size.targetSizeMb) : '1000',
    loadLanes: String(options.loadLanes),
    loadLanesPerTable: String(options.loadLanesPerTable),
    localDirectory: options.localDirectory,
    localQuotaMb: options.localQuotaMb === null ? '' : String(options.localQuotaMb),
    cleanUp: options.cleanUp,
    maxFileSizeMb: String(options.maxFileSizeMb),
    maxAttempts: String(options.maxAttempts),
    stopAfterFailedTables: options.stopAfterFailedTables === null ? '' : String(options.stopAfterFailedTables),
    createMissingTargets: String(options.createMissingTargets),
    ledgerDatabase: options.ledger.database,
    ledgerSchema: options.ledger.schema,
  };
}

/** A sentence for each field that is not valid. */
export function runOptionProblems(values: RunOptionValues): FieldErrors {
  const problems: Record<string, string> = {};
  for (const [name, [least, most, isOptional]] of Object.entries(LIMITS) as [keyof typeof LIMITS, Limit][]) {
    if ((name === 'partitionRows' || name === 'partitionMb') && values.partitionKind !== KIND_OF[name]) continue;
    const number = toWholeNumber(values[name]);
    if (number === null && isOptional === true) continue;
    if (number === null || !(number >= least && number <= most)) {
      problems[name] = `Enter a whole number from ${least} to ${most}${isOptional === true ? ', or nothing' : ''}.`;
    }
  }
  if (values.ledgerDatabase.trim() === '') problems['ledgerDatabase'] = 'The database is needed.';
  if (values.ledgerSchema.trim() === '') problems['ledgerSchema'] = 'The schema is needed.';
  return problems;
}

/** The options with what is typed; `existingRows` and the like, which are decided elsewhere, stay. */
export function toRunOptions(values: RunOptionValues, current: RunOptions): RunOptions {
  return runOptionsSchema.parse({
    ...current,
    isolation: values.isolation,
    unloadLanes: toWholeNumber(values.unloadLanes),
    loadLanes: toWholeNumber(values.loadLanes),
    loadLanesPerTable: toWholeNumber(values.loadLanesPerTable),
    localDirectory: values.localDirectory.trim(),
    localQuotaMb: toWholeNumber(values.localQuotaMb),
    cleanUp: values.cleanUp,
    maxFileSizeMb: toWholeNumber(values.maxFileSizeMb),
    maxAttempts: toWholeNumber(values.maxAttempts),
    stopAfterFailedTables: toWholeNumber(values.stopAfterFailedTables),
    createMissingTargets: values.createMissingTargets === 'true',
    ledger: { database: values.ledgerDatabase.trim(), schema: values.ledgerSchema.trim() },
  });
}

/** The selection with the chosen size of partitions for every table; unchanged while tables are to keep their own. */
export function withPartitionSize(values: RunOptionValues, selection: readonly TableSelection[]): TableSelection[] {
  const size = partitionSizeOf(values);
  return size === undefined ? [...selection] : selection.map((table) => ({ ...table, partitionSize: size }));
}

/** undefined: every table keeps its own. */
export function partitionSizeOf(
  values: Pick<RunOptionValues, 'partitionKind' | 'partitionRows' | 'partitionMb'>,
): PartitionSize | null | undefined {
  switch (values.partitionKind) {
    case 'rows':
      return { kind: 'rows', maxRowsPerPartition: toWholeNumber(values.partitionRows) ?? Number.NaN };
    case 'megabytes':
      return { kind: 'megabytes', targetSizeMb: toWholeNumber(values.partitionMb) ?? Number.NaN };
    case 'auto':
      return null;
    default:
      return undefined;
  }
}

type Limit = readonly [least: number, most: number, isOptional?: boolean];

const LIMITS = {
  unloadLanes: [1, 32],
  partitionRows: [1, 1_000_000_000_000],
  partitionMb: [1, 1_000_000],
  loadLanes: [1, 32],
  loadLanesPerTable: [1, 8],
  localQuotaMb: [64, 1_000_000_000, true],
  maxFileSizeMb: [5, 6200],
  maxAttempts: [1, 20],
  stopAfterFailedTables: [1, 100_000, true],
} as const satisfies Partial<Record<keyof RunOptionValues, Limit>>;
const KIND_OF = { partitionRows: 'rows', partitionMb: 'megabytes' } as const;

/** The size that all tables have; null when they differ. */
function commonSize(selection: readonly TableSelection[]): PartitionSize | null {
  const sizes = new Set(selection.map(({ partitionSize }) => JSON.stringify(partitionSize ?? AUTOMATIC)));
  if (sizes.size > 1) return null;
  return selection[0]?.partitionSize ?? AUTOMATIC;
}

const AUTOMATIC: PartitionSize = { kind: 'auto' };
