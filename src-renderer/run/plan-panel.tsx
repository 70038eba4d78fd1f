import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ErrorValue } from '#shared/errors/app-error';
import { formatCount } from '#shared/format/count';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import { tableLabel } from '#shared/model/table';
import { errorValueOf } from '../api/client.ts';
import { statementsQuery } from '../api/plan.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { Disclosure } from '../ui/disclosure.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { SelectField } from '../ui/fields.tsx';
import { KeyFacts } from '../ui/key-facts.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { SidePanel } from '../ui/side-panel.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { mendingLabel, mendingStep } from './mending-step.ts';
import classes from './run.module.css';

/** One table of the plan: where it goes, what does not travel, and the statements of each partition. */
export function PlanPanel(props: {
  plan: MigrationPlan;
  table: TableTask;
  /** Left out where the plan cannot be changed any more. */
  goTo?: StepPageProps['goTo'] | undefined;
  onClose: () => void;
}) {
  const { plan, table, goTo, onClose } = props;
  const notes = table.columns.flatMap((column) => column.notes.map((note) => `${column.sourceName}: ${note}`));
  return (
    <SidePanel title={`${table.source.schema}.${table.source.name}`} onClose={onClose}>
      {table.blocked !== null && <BlockedCard error={table.blocked} goTo={goTo} />}
      <KeyFacts
        facts={[
          { label: 'Target', value: tableLabel(table.target) },
          { label: 'Columns', value: formatCount(table.columns.length) },
          { label: 'Partitions', value: formatCount(table.partitions.length) },
          ...(table.where === '' ? [] : [{ label: 'Only rows where', value: table.where }]),
        ]}
      />
      {table.leftOut.length > 0 && (
        <Notice tone="warning" title="Does not travel">
          <ul className={classes.list}>
            {table.leftOut.map((column) => (
              <li key={column.sourceName}>
                {column.sourceName} ({column.nativeType}): {column.reason}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {table.differences.length > 0 && (
        <Notice tone="warning" title="The target differs">
          <ul className={classes.list}>
            {table.differences.map((difference) => (
              <li key={difference.detail}>{difference.detail}</li>
            ))}
          </ul>
        </Notice>
      )}
      {notes.length > 0 && (
        <Disclosure label={notes.length === 1 ? '1 note on columns' : `${formatCount(notes.length)} notes on columns`}>
          <ul className={classes.list}>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Disclosure>
      )}
      <Columns table={table} />
      {table.createDdl !== null && <CopyBlock label="Creates the target table" text={table.createDdl} />}
      <Statements plan={plan} table={table} />
    </SidePanel>
  );
}

function BlockedCard({ error, goTo }: { error: ErrorValue; goTo: StepPageProps['goTo'] | undefined }) {
  const step = mendingStep(error.code);
  return (
    <ErrorCard
      error={error}
      actions={
        goTo === undefined ? undefined : (
          <Button size="xs" variant="default" onClick={() => goTo(step)}>
            {mendingLabel(step)}
          </Button>
        )
      }
    />
  );
}

/** How each column travels: type at the source, type in Snowflake, and the expression that loads it. */
function Columns({ table }: { table: TableTask }) {
  if (table.columns.length === 0) return null;
  return (
    <Disclosure label={table.columns.length === 1 ? '1 column' : `${formatCount(table.columns.length)} columns`}>
      <ul className={classes.partitions} aria-label="Columns">
        {table.columns.map((column) => (
          <li key={column.alias} className={classes.columnRow}>
            <strong>{column.sourceName}</strong> {column.nativeType} to <strong>{column.targetName}</strong>{' '}
            {column.targetType}
            <code className={classes.expression}>{column.loadExpression}</code>
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}

function Statements({ plan, table }: { plan: MigrationPlan; table: TableTask }) {
  const [partitionId, setPartitionId] = useState(table.partitions[0]?.id ?? '');
  const statements = useQuery({
    ...statementsQuery(plan.id, table.id, partitionId),
    enabled: partitionId !== '' && table.blocked === null,
  });
  if (partitionId === '' || table.blocked !== null) return null;
  return (
    <>
      <SelectField
        name="partition"
        label="Statements of the partition"
        value={partitionId}
        onChange={setPartitionId}
        options={table.partitions.map(({ id, label }) => ({ value: id, label }))}
        isSearchable
      />
      {statements.isPending && <Loading what="Writing the statements" />}
      {statements.error !== null && <ErrorCard error={errorValueOf(statements.error)} />}
      {statements.data !== undefined && (
        <>
          <CopyBlock label="At the source" text={statements.data.extract} />
          <CopyBlock label="In Snowflake" text={statements.data.load.join(';\n\n')} />
        </>
      )}
    </>
  );
}
