import { IconCheck, IconMinus } from '@tabler/icons-react';
import classes from './data-grid.module.css';

/** A check box as a picture; the row's aria-selected says it in words. */
export function CheckMark({ state }: { state: 'none' | 'some' | 'all' }) {
  return (
    <span className={classes.mark} data-state={state} aria-hidden>
      {state === 'all' && <IconCheck size={14} stroke={3} />}
      {state === 'some' && <IconMinus size={14} stroke={3} />}
    </span>
  );
}
