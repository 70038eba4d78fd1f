import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import classes from './disclosure.module.css';

/** A part that is shown on demand: `<Disclosure label="Advanced">...</Disclosure>`. */
export function Disclosure(props: { label: string; initiallyOpen?: boolean; children: ReactNode }) {
  const [isOpen, setOpen] = useState(props.initiallyOpen ?? false);
  const id = useId();
  return (
    <div>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <IconChevronRight size={16} aria-hidden className={classes.chevron} data-open={isOpen} />
        {props.label}
      </UnstyledButton>
      {isOpen && (
        <div id={id} className={classes.content}>
          {props.children}
        </div>
      )}
    </div>
  );
}
