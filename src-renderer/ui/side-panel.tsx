import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './side-panel.module.css';

/** A grid with the details of its active row beside it. */
export function SplitView({ children }: { children: ReactNode }) {
  return <div className={classes.split}>{children}</div>;
}

/** Details of one row: `<SidePanel title="sales.orders" onClose={...}>...</SidePanel>`, inside a SplitView. */
export function SidePanel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <section className={classes.panel} aria-label={title}>
      <header className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the details" onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      <div className={classes.body} tabIndex={0} role="region" aria-label={`Details of ${title}`}>
        {children}
      </div>
    </section>
  );
}
