import { useState } from 'react';
import type { TableSelection } from '#shared/model/project';
import { SelectField } from '../../ui/fields.tsx';
import { handlingOf, withHandling, type ColumnHandling } from './column-handling.ts';

const HANDLINGS: readonly { value: ColumnHandling; label: string }[] = [
  { value: 'carry', label: 'It travels' },
  { value: 'leave-out', label: 'It is left out' },
  { value: 'null-out-of-range', label: 'Values out of range are loaded as NULL' },
];

interface ColumnOptionsProps {
  selection: TableSelection;
  columnNames: readonly string[];
  onChange: (change: Pick<TableSelection, 'columns'>) => void;
}

/** What happens to one column of the table, where it is not what the plan infers. */
export function ColumnOptions({ selection, columnNames, onChange }: ColumnOptionsProps) {
  const [column, setColumn] = useState(columnNames[0] ?? '');
  const decided = selection.columns.filter(({ handling }) => handling !== 'carry').map(({ sourceName }) => sourceName);
  return (
    <>
      <SelectField
        name="column"
        label="Column"
        value={column}
        onChange={setColumn}
        options={columnNames.map((name) => ({ value: name, label: name }))}
        help={decided.length === 0 ? 'Every column travels.' : `Decided otherwise: ${decided.join(', ')}.`}
        isSearchable
      />
      <SelectField
        name="columnHandling"
        label="What happens to this column"
        value={handlingOf(selection, column)}
        onChange={(value) => {
          const handling = HANDLINGS.find((known) => known.value === value)?.value ?? 'carry';
          onChange({ columns: withHandling(selection, column, handling) });
        }}
        options={[...HANDLINGS]}
      />
    </>
  );
}
