import { Fragment, type ReactNode } from 'react';
import classes from './key-facts.module.css';

/** Label and value pairs in two columns. */
export function KeyFacts({ facts }: { facts: readonly { label: string; value: ReactNode }[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ label, value }) => (
        <Fragment key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
