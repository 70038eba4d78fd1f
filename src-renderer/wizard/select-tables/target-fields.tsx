import { Button } from '@mantine/core';
import { useState } from 'react';
import type { TableSelection } from '#shared/model/project';
import { tableKey, type TableRef } from '#shared/model/table';
import { TextField } from '../../ui/fields.tsx';

interface TargetFieldsProps {
  /** Where the table goes as things are. */
  target: TableRef;
  /** True when this was decided for this table, and not by the rule of the project. */
  isOwn: boolean;
  onChange: (change: Pick<TableSelection, 'target'>) => void;
}

/** Database, schema and name of the target table. Saved when a field is left; the rule of the project can be taken again. */
export function TargetFields({ target, isOwn, onChange }: TargetFieldsProps) {
  // What is typed lies over what is known: an answer that comes late does not take it away.
  const [edited, setEdited] = useState<Partial<TableRef>>({});
  const typed = { ...target, ...edited };
  const save = () => {
    const { database, schema, name } = typed;
    const trimmed = { database: database.trim(), schema: schema.trim(), name: name.trim() };
    const isWhole = Object.values(trimmed).every((part) => part !== '');
    if (isWhole && tableKey(trimmed) !== tableKey(target)) onChange({ target: trimmed });
  };
  const takeRule = () => {
    setEdited({});
    onChange({ target: null });
  };
  const field = (part: keyof TableRef) => ({
    name: `target-${part}`,
    value: typed[part],
    onChange: (value: string) => setEdited({ ...edited, [part]: value }),
    onBlur: save,
    error: typed[part].trim() === '' ? 'This is needed.' : undefined,
  });
  return (
    <>
      <TextField {...field('database')} label="Database in Snowflake" />
      <TextField {...field('schema')} label="Schema in Snowflake" />
      <TextField
        {...field('name')}
        label="Table in Snowflake"
        help={
          isOwn
            ? 'Decided for this table.'
            : 'Named by the rule above. Names are as they are written, capitals included.'
        }
      />
      {isOwn && (
        <div>
          <Button size="xs" variant="default" onClick={takeRule}>
            Name it by the rule again
          </Button>
        </div>
      )}
    </>
  );
}
