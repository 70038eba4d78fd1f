import { useState } from 'react';
import type { TableSelection } from '#shared/model/project';
import { toWholeNumber, type FieldErrors } from '../form-values.ts';
import { PartitionSizeFields, type PartitionSizeValues } from '../partition-size-fields.tsx';

/** The size of the partitions of one table; numbers are saved when their field is left. */
export function TablePartitions(props: {
  size: TableSelection['partitionSize'];
  partitionCount: string;
  onChange: (change: Pick<TableSelection, 'partitionSize'>) => void;
}) {
  const { size, partitionCount, onChange } = props;
  const [values, setValues] = useState<PartitionSizeValues>({
    partitionKind: size?.kind ?? 'auto',
    partitionRows: size?.kind === 'rows' ? String(size.maxRowsPerPartition) : '1000000',
    partitionMb: size?.kind === 'megabytes' ? String(size.targetSizeMb) : '1000',
  });
  const problems = problemsOf(values);
  const save = (next: PartitionSizeValues) => {
    if (Object.keys(problemsOf(next)).length > 0) return;
    const chosen = sizeOf(next);
    if (JSON.stringify(chosen) !== JSON.stringify(size)) onChange({ partitionSize: chosen });
  };
  return (
    <PartitionSizeFields
      values={values}
      problems={problems}
      onChange={(change) => {
        const next = { ...values, ...change };
        setValues(next);
        if ('partitionKind' in change) save(next);
      }}
      onBlur={() => save(values)}
      help={partitionCount}
    />
  );
}

function sizeOf({ partitionKind, partitionRows, partitionMb }: PartitionSizeValues): TableSelection['partitionSize'] {
  if (partitionKind === 'rows') return { kind: 'rows', maxRowsPerPartition: Number(partitionRows) };
  if (partitionKind === 'megabytes') return { kind: 'megabytes', targetSizeMb: Number(partitionMb) };
  return null;
}

function problemsOf({ partitionKind, partitionRows, partitionMb }: PartitionSizeValues): FieldErrors {
  const isWhole = (text: string) => (toWholeNumber(text) ?? 0) >= 1;
  if (partitionKind === 'rows' && !isWhole(partitionRows)) return { partitionRows: 'Enter a whole number.' };
  if (partitionKind === 'megabytes' && !isWhole(partitionMb)) return { partitionMb: 'Enter a whole number.' };
  return {};
}
