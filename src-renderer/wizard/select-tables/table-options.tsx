import { useState } from 'react';
import { formatCount } from '#shared/format/count';
import type { TableDetail } from '#shared/ipc/contract';
import { EXISTING_ROWS, type Project, type TableSelection } from '#shared/model/project';
import { EXISTING_ROWS_LABELS, EXISTING_ROWS_OPTIONS } from '../../ui/existing-rows.ts';
import { SelectField, TextAreaField } from '../../ui/fields.tsx';
import { ColumnOptions } from './column-options.tsx';
import { TablePartitions } from './table-partitions.tsx';
import { TargetFields } from './target-fields.tsx';
import classes from './select-tables.module.css';

/** What can be decided for one table; where nothing is, the rules of the project hold. */
export function TableOptions(props: {
  project: Project;
  selection: TableSelection | null;
  detail: TableDetail;
  onChange: (change: Partial<TableSelection>) => void;
}) {
  const { project, selection, detail, onChange } = props;
  const [where, setWhere] = useState(selection?.where ?? '');
  if (selection === null) return <p className={classes.none}>Select the table to decide how it is migrated.</p>;
  const { partitionKeys, columns } = detail.description;
  const others = columns.map(({ name }) => name).filter((name) => !partitionKeys.includes(name));
  return (
    <div className={classes.options}>
      <TargetFields target={detail.plan.target} isOwn={selection.target !== null} onChange={onChange} />
      <SelectField
        name="tableExistingRows"
        label="Existing rows"
        value={selection.existingRows ?? 'project'}
        onChange={(value) => onChange({ existingRows: EXISTING_ROWS.find((known) => known === value) ?? null })}
        options={[
          { value: 'project', label: `As above (${firstWord(EXISTING_ROWS_LABELS[project.options.existingRows])})` },
          ...EXISTING_ROWS_OPTIONS,
        ]}
      />
      <SelectField
        name="partitionBy"
        label="Split by"
        value={selection.partitionBy === null ? AUTOMATIC : (selection.partitionBy[0] ?? AUTOMATIC)}
        onChange={(value) => onChange({ partitionBy: value === AUTOMATIC ? null : [value] })}
        options={[
          { value: AUTOMATIC, label: `Automatic (${partitionKeys.join(', ') || 'not split'})` },
          ...[...partitionKeys, ...others].map((name) => ({ value: name, label: name })),
        ]}
        isSearchable
      />
      <TablePartitions
        size={selection.partitionSize}
        partitionCount={`The plan of the page Migrate tells how many there are. About ${formatCount(detail.description.rowEstimate)} rows.`}
        onChange={onChange}
      />
      <TextAreaField
        name="where"
        label="Only rows where (optional)"
        value={where}
        onChange={setWhere}
        onBlur={() => where !== selection.where && onChange({ where })}
        placeholder="order_date >= '2024-01-01'"
        help="A condition in the SQL of the source. It runs there only, as it is written here."
        rows={3}
      />
      <ColumnOptions
        selection={selection}
        plan={detail.plan}
        columnNames={columns.map(({ name }) => name)}
        onChange={onChange}
      />
    </div>
  );
}

const AUTOMATIC = '\u0000automatic';

function firstWord(label: string): string {
  return label.replace(/:.*/, '');
}
