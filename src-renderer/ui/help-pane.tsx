import { ActionIcon, Title } from '@mantine/core';
import { IconHelp, IconX } from '@tabler/icons-react';
import { createContext, useContext, type ReactNode } from 'react';
import classes from './help-pane.module.css';

/** Whether the help pane is open, and how to change that; the app provides it and remembers it. */
export const HelpPaneContext = createContext<{ isOpen: boolean; setOpen: (isOpen: boolean) => void }>({
  isOpen: true,
  setOpen: () => undefined,
});

/** The collapsible pane on the right; Page shows it when it is given `help`. */
export function HelpPane({ children }: { children: ReactNode }) {
  const { isOpen, setOpen } = useContext(HelpPaneContext);
  if (!isOpen) {
    return (
      <aside className={classes.closed} aria-label="Help">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Show help"
          aria-expanded={false}
          onClick={() => setOpen(true)}
        >
          <IconHelp size={20} aria-hidden />
        </ActionIcon>
      </aside>
    );
  }
  return (
    <aside className={classes.pane} aria-label="Help">
      <div className={classes.bar}>
        <span className={classes.barTitle}>Help</span>
        <ActionIcon variant="subtle" color="gray" aria-label="Hide help" aria-expanded onClick={() => setOpen(false)}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      <div className={classes.content} tabIndex={0} role="region" aria-label="Help for this page">
        {children}
      </div>
    </aside>
  );
}

/** A part of the help pane: `<HelpSection title="Who has this">...</HelpSection>`. */
export function HelpSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <Title order={2} className={classes.sectionTitle}>
        {title}
      </Title>
      {children}
    </section>
  );
}
