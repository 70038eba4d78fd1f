import type { ReactNode } from 'react';
import { StatusIcon, type StatusTone } from './status-badge.tsx';
import classes from './notice.module.css';

/** A remark beside the flow: `<Notice tone="warning" title="Files stay in the bucket">...</Notice>`. For errors use ErrorCard. */
export function Notice({ tone, title, children }: { tone: StatusTone; title?: string; children?: ReactNode }) {
  return (
    <div className={classes.notice} data-tone={tone}>
      <StatusIcon tone={tone} size={20} />
      <div className={classes.body}>
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}
