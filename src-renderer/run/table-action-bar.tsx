import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunSnapshot, TableProgress } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { useSteerTable, type TableAction } from '../api/run.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { CancelTableDialog } from './cancel-dialog.tsx';
import { tableActions } from './table-actions.ts';
import classes from './run.module.css';

/** What can be done with one table while the others go on. */
export function TableActionBar(props: {
  snapshot: Pick<RunSnapshot, 'runId' | 'state'>;
  table: TableProgress;
  onRestarted?: (() => void) | undefined;
}) {
  const { snapshot, table, onRestarted } = props;
  const steer = useSteerTable(snapshot.runId);
  const [isAsking, setAsking] = useState(false);
  const actions = tableActions(snapshot.state, table);
  if (actions.length === 0 && steer.error === null) return null;
  const act = (action: TableAction) =>
    steer.mutate({ tableId: table.id, action }, action === 'retry' ? { onSuccess: () => onRestarted?.() } : {});
  return (
    <>
      <div className={classes.eventBar}>
        {actions.map((action) => {
          const { label, Icon } = BUTTONS[action];
          return (
            <Button
              key={action}
              size="xs"
              variant="default"
              leftSection={<Icon size={14} aria-hidden />}
              disabled={steer.isPending}
              onClick={() => (action === 'cancel' ? setAsking(true) : act(action))}
            >
              {label}
            </Button>
          );
        })}
      </div>
      {steer.error !== null && <ErrorCard error={errorValueOf(steer.error)} />}
      <CancelTableDialog
        table={isAsking ? table : null}
        onConfirm={() => {
          setAsking(false);
          act('cancel');
        }}
        onCancel={() => setAsking(false)}
      />
    </>
  );
}

const BUTTONS = {
  pause: { label: 'Pause this table', Icon: IconPlayerPause },
  resume: { label: 'Go on with this table', Icon: IconPlayerPlay },
  retry: { label: 'Retry this table', Icon: IconRefresh },
  cancel: { label: 'Cancel this table', Icon: IconPlayerStop },
} as const satisfies Record<TableAction, { label: string; Icon: typeof IconRefresh }>;
