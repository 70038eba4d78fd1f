import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { EXISTING_ROWS, type Project, type TargetRule } from '#shared/model/project';
import { useUpdateProject } from '../../api/projects.ts';
import { snowflakeListQuery } from '../../api/snowflake.ts';
import { SelectField, SuggestField } from '../../ui/fields.tsx';
import { EXISTING_ROWS_OPTIONS } from '../../ui/existing-rows.ts';
import classes from './select-tables.module.css';

/** Where the tables go, and what happens to rows that are there already. It holds for every table that has no decision of its own. */
export function TargetRuleBar({ project }: { project: Project }) {
  const update = useUpdateProject(project.id);
  const [rule, setRule] = useState(project.targetRule);
  const latest = useRef(rule);
  const databases = useQuery(snowflakeListQuery(project.id, { what: 'databases' }));
  const isDatabase = databases.data?.some(({ name }) => name === rule.database) === true;
  const schemas = useQuery({
    ...snowflakeListQuery(project.id, { what: 'schemas', database: rule.database }),
    enabled: isDatabase,
  });
  const { mutate } = update;
  const change = (parts: Partial<TargetRule>) => {
    latest.current = { ...rule, ...parts };
    setRule(latest.current);
  };
  const save = useCallback(() => {
    const kept = latest.current;
    mutate((current) => (JSON.stringify(current.targetRule) === JSON.stringify(kept) ? {} : { targetRule: kept }));
  }, [mutate]);
  // The list looks targets up by the rule: it is saved when a name is chosen or the field is left, not with every letter.
  useEffect(() => {
    const timer = setTimeout(save, 700);
    return () => clearTimeout(timer);
  }, [rule, save]);
  useEffect(() => save, [save]);
  return (
    <div className={classes.rule}>
      <SuggestField
        name="targetDatabase"
        label="Target database"
        value={rule.database}
        onChange={(database) => change({ database })}
        onBlur={save}
        placeholder="As in the source"
        error={
          databases.data === undefined || rule.database === '' || isDatabase
            ? undefined
            : 'There is no such database, or the role may not see it.'
        }
        options={databases.data?.map(({ name }) => name) ?? []}
        isLoading={databases.isFetching}
      />
      <SuggestField
        name="targetSchema"
        label="Target schema"
        value={rule.schema}
        onChange={(schema) => change({ schema })}
        onBlur={save}
        placeholder="As in the source"
        options={schemas.data?.map(({ name }) => name) ?? []}
        isLoading={schemas.isFetching}
      />
      <SelectField
        name="nameCase"
        label="Names"
        value={rule.nameCase}
        onChange={(nameCase) => change({ nameCase: nameCase === 'preserve' ? 'preserve' : 'upper' })}
        options={NAME_CASES}
      />
      <SelectField
        name="existingRows"
        label="Existing rows"
        value={project.options.existingRows}
        onChange={(value) =>
          EXISTING_ROWS.forEach(
            (existingRows) =>
              existingRows === value && mutate(({ options }) => ({ options: { ...options, existingRows } })),
          )
        }
        options={EXISTING_ROWS_OPTIONS}
      />
    </div>
  );
}

const NAME_CASES = [
  { value: 'upper', label: 'Upper case' },
  { value: 'preserve', label: 'As in the source' },
] as const;
