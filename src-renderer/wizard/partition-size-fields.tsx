import type { ReactNode } from 'react';
import { FieldRow, SelectField, TextField } from '../ui/fields.tsx';
import type { FieldErrors } from './form-values.ts';

/** `partitionKind` is `auto`, `rows` or `megabytes`, or `mixed` where tables differ. */
export interface PartitionSizeValues {
  partitionKind: string;
  partitionRows: string;
  partitionMb: string;
}

/** How large the parts are that a table is cut into: automatic, by rows or by megabytes. */
export function PartitionSizeFields(props: {
  values: PartitionSizeValues;
  problems: FieldErrors;
  onChange: (change: Partial<PartitionSizeValues>) => void;
  onBlur?: () => void;
  help?: ReactNode;
}) {
  const { values, problems, onChange, help } = props;
  const field = (name: keyof PartitionSizeValues) => ({
    name,
    value: values[name],
    onChange: (value: string) => onChange({ [name]: value }),
    ...(props.onBlur && { onBlur: props.onBlur }),
    error: problems[name],
  });
  return (
    <FieldRow>
      <SelectField
        {...field('partitionKind')}
        label="Partition size"
        options={values.partitionKind === 'mixed' ? [MIXED, ...KINDS] : [...KINDS]}
        help={help}
      />
      {values.partitionKind === 'rows' && <TextField {...field('partitionRows')} label="Rows a partition" isNumeric />}
      {values.partitionKind === 'megabytes' && (
        <TextField {...field('partitionMb')} label="Megabytes a partition" isNumeric />
      )}
    </FieldRow>
  );
}

const MIXED = { value: 'mixed', label: 'As set for each table' };
const KINDS = [
  { value: 'auto', label: 'Automatic' },
  { value: 'rows', label: 'By rows' },
  { value: 'megabytes', label: 'By megabytes' },
] as const;
