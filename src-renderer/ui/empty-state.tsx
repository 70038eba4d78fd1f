import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

/** Why a list is empty and what to do: `<EmptyState icon={<IconTable />} title="No table fits the filter" action={...}>...</EmptyState>`. */
export function EmptyState(props: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      {props.icon !== undefined && (
        <span className={classes.icon} aria-hidden>
          {props.icon}
        </span>
      )}
      <p className={classes.title}>{props.title}</p>
      {props.children !== undefined && <div className={classes.text}>{props.children}</div>}
      {props.action !== undefined && <div className={classes.action}>{props.action}</div>}
    </div>
  );
}
