import { ActionIcon, Button, Tabs } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import type { TableDetail } from '#shared/ipc/contract';
import type { Project, TableSelection } from '#shared/model/project';
import { tableKey, tableLabel } from '#shared/model/table';
import { errorValueOf } from '../../api/client.ts';
import { sourcePreviewQuery } from '../../api/source.ts';
import { tableDetailQuery } from '../../api/tables.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { KeyFacts } from '../../ui/key-facts.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ColumnList } from './column-list.tsx';
import { TableOptions } from './table-options.tsx';
import { shortName, type TableRow } from './table-row.ts';
import classes from './select-tables.module.css';

interface TablePanelProps {
  project: Project;
  row: TableRow;
  /** null: the table is not selected, so there is nothing to decide. */
  selection: TableSelection | null;
  onChange: (change: Partial<TableSelection>) => void;
  onClose: () => void;
}

/** One table: columns from source to target, partitions, filter, existing rows, DDL and a preview. */
export function TablePanel(props: TablePanelProps) {
  const { project, row, onClose } = props;
  const { ref } = row.summary;
  // Main answers for the project as it is saved: a choice counts from then on.
  const saved = project.selection.find(({ source }) => tableKey(source) === row.key) ?? null;
  const basis = JSON.stringify([project.targetRule, project.options, saved]);
  const detail = useQuery({ ...tableDetailQuery(project.id, ref, basis), placeholderData: (known) => known });
  return (
    <section className={classes.panel} aria-label={`Table ${shortName(ref)}`}>
      <header className={classes.panelHead}>
        <h2 className={classes.panelTitle}>{shortName(ref)}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the table" onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.panelBody} tabIndex={0} role="region" aria-label="Details of the table">
        {detail.isError && <ErrorCard error={errorValueOf(detail.error)} onRetry={() => void detail.refetch()} />}
        {detail.isPending && <Loading what="Reading the table" />}
        {detail.data !== undefined && <DetailTabs {...props} detail={detail.data} />}
      </div>
    </section>
  );
}

function DetailTabs(props: TablePanelProps & { detail: TableDetail }) {
  const { detail, project, row } = props;
  const { plan } = detail;
  return (
    <Tabs defaultValue="columns" keepMounted={false} classNames={{ tab: classes.tabButton }}>
      <Tabs.List>
        <Tabs.Tab value="columns">Columns</Tabs.Tab>
        <Tabs.Tab value="options">Options</Tabs.Tab>
        {plan.createDdl !== null && <Tabs.Tab value="ddl">DDL</Tabs.Tab>}
        <Tabs.Tab value="preview">Preview</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="columns" className={classes.tab}>
        <KeyFacts
          facts={[
            { label: 'Target', value: tableLabel(plan.target) },
            { label: 'Rows (estimate)', value: formatCount(row.summary.rowEstimate) },
            { label: 'Size (estimate)', value: formatBytes(row.summary.byteEstimate) },
          ]}
        />
        {plan.blocked !== null && <ErrorCard error={plan.blocked} />}
        {plan.differences.length > 0 && (
          <Notice
            tone={plan.differences.some(({ blocks }) => blocks) ? 'failed' : 'warning'}
            title="The target differs"
          >
            <ul className={classes.list}>
              {plan.differences.map((difference) => (
                <li key={`${difference.kind} ${difference.detail}`}>{difference.detail}</li>
              ))}
            </ul>
          </Notice>
        )}
        <ColumnList plan={plan} />
      </Tabs.Panel>
      <Tabs.Panel value="options" className={classes.tab}>
        <TableOptions {...props} />
      </Tabs.Panel>
      {plan.createDdl !== null && (
        <Tabs.Panel value="ddl" className={classes.tab}>
          <CopyBlock label="Creates the target table" text={plan.createDdl} maxHeight={480} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="preview" className={classes.tab}>
        <Preview project={project} row={row} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Preview({ project, row }: { project: Project; row: TableRow }) {
  const [isAsked, setAsked] = useState(false);
  const preview = useQuery({ ...sourcePreviewQuery(project.id, row.summary.ref), enabled: isAsked });
  if (!isAsked) {
    return (
      <Button variant="default" size="xs" onClick={() => setAsked(true)}>
        Read five rows from the source
      </Button>
    );
  }
  if (preview.error !== null)
    return <ErrorCard error={errorValueOf(preview.error)} onRetry={() => void preview.refetch()} />;
  if (preview.data === undefined) return <Loading what="Reading five rows" />;
  const { columns, rows } = preview.data;
  if (rows.length === 0) return <p className={classes.none}>The table is empty.</p>;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Five rows of the table">
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((values, rowIndex) => (
            <tr key={rowIndex}>
              {values.map((value, index) => (
                <td key={index}>{value === null ? <em className={classes.null}>NULL</em> : value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
