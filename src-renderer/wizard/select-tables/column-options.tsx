import { useState } from 'react';
import type { TableTask } from '#shared/model/plan';
import type { TableSelection } from '#shared/model/project';
import { SelectField, SuggestField, TextField } from '../../ui/fields.tsx';
import { choiceOf, choicesSentence, typeProblem, withChoice, type ColumnHandling } from './column-handling.ts';

const HANDLINGS: readonly { value: ColumnHandling; label: string }[] = [
  { value: 'carry', label: 'It travels' },
  { value: 'leave-out', label: 'It is left out' },
  { value: 'null-out-of-range', label: 'Values out of range are loaded as NULL' },
];

interface ColumnOptionsProps {
  selection: TableSelection;
  plan: TableTask;
  columnNames: readonly string[];
  onChange: (change: Pick<TableSelection, 'columns'>) => void;
}

/** What happens to one column of the table, where it is not what the plan infers: whether it travels, its name and its type. */
export function ColumnOptions(props: ColumnOptionsProps) {
  const { selection, columnNames, onChange } = props;
  const [column, setColumn] = useState(columnNames[0] ?? '');
  const choice = choiceOf(selection, column);
  const decided = choicesSentence(selection);
  return (
    <>
      <SelectField
        name="column"
        label="Column"
        value={column}
        onChange={setColumn}
        options={columnNames.map((name) => ({ value: name, label: name }))}
        help={decided === '' ? 'Every column travels as inferred.' : `Decided otherwise: ${decided}.`}
        isSearchable
      />
      <SelectField
        name="columnHandling"
        label="What happens to this column"
        value={choice.handling}
        onChange={(value) => {
          const handling = HANDLINGS.find((known) => known.value === value)?.value ?? 'carry';
          onChange({ columns: withChoice(selection, column, { handling }) });
        }}
        options={[...HANDLINGS]}
      />
      {choice.handling !== 'leave-out' && <TargetColumn key={column} {...props} column={column} />}
    </>
  );
}

/** Name and type of the column in Snowflake; saved when a field is left. */
function TargetColumn({ selection, plan, column, onChange }: ColumnOptionsProps & { column: string }) {
  const choice = choiceOf(selection, column);
  const inferred = plan.columns.find(({ sourceName }) => sourceName === column);
  const [name, setName] = useState(choice.targetName ?? '');
  const [type, setType] = useState(choice.targetType ?? '');
  const problem = typeProblem(type);
  const save = (change: { targetName?: string; targetType?: string }) =>
    onChange({ columns: withChoice(selection, column, change) });
  return (
    <>
      <TextField
        name="columnTargetName"
        label="Name in Snowflake (optional)"
        value={name}
        onChange={setName}
        onBlur={() => name.trim() !== (choice.targetName ?? '') && save({ targetName: name })}
        placeholder={inferred?.targetName ?? 'As inferred'}
        help="As it is written there, capitals included."
      />
      <SuggestField
        name="columnTargetType"
        label="Type in Snowflake (optional)"
        value={type}
        onChange={setType}
        onBlur={() => problem === undefined && type.trim() !== (choice.targetType ?? '') && save({ targetType: type })}
        error={problem}
        placeholder={inferred?.targetType ?? 'As inferred'}
        help={plan.targetState === 'exists' ? 'The table exists already: the types of its columns stand.' : undefined}
        isDisabled={plan.targetState === 'exists'}
        options={TYPES}
      />
    </>
  );
}

const TYPES = [
  'NUMBER(38,0)',
  'NUMBER(18,2)',
  'FLOAT',
  'BOOLEAN',
  'VARCHAR',
  'BINARY',
  'DATE',
  'TIME(9)',
  'TIMESTAMP_NTZ(9)',
  'TIMESTAMP_TZ(9)',
  'TIMESTAMP_LTZ(9)',
  'VARIANT',
  'GEOGRAPHY',
  'GEOMETRY',
];
