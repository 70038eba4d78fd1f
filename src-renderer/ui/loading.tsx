import { Button, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import classes from './loading.module.css';

/** A wait that says what it waits for; it appears after 300 ms, so that short waits do not flicker. */
export function Loading({ what, onCancel }: { what: string; onCancel?: () => void }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return <div className={classes.wait} aria-busy />;
  return (
    <div className={classes.wait} role="status" aria-busy>
      <Loader size="sm" aria-hidden />
      <span>{what}</span>
      {onCancel !== undefined && (
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      )}
    </div>
  );
}
