import { Fragment } from 'react';
import type { TableTask } from '#shared/model/plan';
import { StatusBadge } from '../../ui/status-badge.tsx';
import classes from './select-tables.module.css';

/** Every column from source to target with its conversion and what needs care; those that do not travel with the reason. */
export function ColumnList({ plan }: { plan: TableTask }) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Columns">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Source column and type</th>
            <th scope="col">In Snowflake</th>
          </tr>
        </thead>
        <tbody>
          {plan.columns.map((column) => (
            <Fragment key={column.alias}>
              <tr data-has-note={column.notes.length > 0}>
                <td>
                  <ColumnName name={column.sourceName} type={column.nativeType} />
                </td>
                <td>
                  <ColumnName name={column.targetName} type={column.targetType} />
                </td>
              </tr>
              {column.notes.length > 0 && (
                <tr>
                  <td colSpan={2} className={classes.note}>
                    {column.notes.join(' ')}
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
          {plan.leftOut.map((column) => (
            <tr key={`left out ${column.sourceName}`}>
              <td>
                <ColumnName name={column.sourceName} type={column.nativeType} />
              </td>
              <td>
                <StatusBadge tone="warning" label="Does not travel" plain />
                <span className={classes.note}>{column.reason}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ColumnName({ name, type }: { name: string; type: string }) {
  return (
    <>
      <span className={classes.columnName}>{name}</span>
      <span className={classes.columnType}>{type}</span>
    </>
  );
}
