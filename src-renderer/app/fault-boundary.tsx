import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { errorValueOf } from '../api/client.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import classes from './fault-boundary.module.css';

/** Shows a fault of the window itself in words instead of a blank page. A class, because React catches faults in no other way. */
export class FaultBoundary extends Component<{ children: ReactNode }, { fault: unknown }> {
  override state: { fault: unknown } = { fault: null };

  static getDerivedStateFromError(fault: unknown): { fault: unknown } {
    return { fault };
  }

  override render(): ReactNode {
    if (this.state.fault === null) return this.props.children;
    return (
      <main className={classes.page}>
        <h1 className={classes.title}>Snowferry</h1>
        <ErrorCard
          error={errorValueOf(this.state.fault)}
          actions={
            <Button size="xs" variant="default" onClick={() => window.location.reload()}>
              Reload the window
            </Button>
          }
        />
      </main>
    );
  }
}
