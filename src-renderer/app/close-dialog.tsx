import { Button, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { CallInput } from '#shared/ipc/contract';
import { call, listen } from '../api/client.ts';
import classes from './close-dialog.module.css';

type Decision = CallInput<'app.closeWindow'>['decision'];

/** Asks what happens to a run when the window is closed while it is in progress. */
export function CloseDialog() {
  const [runCount, setRunCount] = useState(0);
  useEffect(() => listen('window.closeRequested', ({ runIds }) => setRunCount(Math.max(1, runIds.length))), []);
  const decide = (decision: Decision) => {
    setRunCount(0);
    void call('app.closeWindow', { decision }).catch(() => undefined);
  };
  return (
    <Modal
      opened={runCount > 0}
      onClose={() => decide('stay')}
      title={runCount === 1 ? 'A run is in progress' : `${runCount} runs are in progress`}
      withCloseButton={false}
    >
      <ul className={classes.choices}>
        {CHOICES.map(({ decision, label, text }) => (
          <li key={decision} className={classes.choice}>
            <Button variant="default" fullWidth onClick={() => decide(decision)} aria-describedby={`close-${decision}`}>
              {label}
            </Button>
            <p id={`close-${decision}`} className={classes.text}>
              {text}
            </p>
          </li>
        ))}
      </ul>
      <Button fullWidth onClick={() => decide('stay')} data-autofocus>
        Keep the window open
      </Button>
    </Modal>
  );
}

const CHOICES: readonly { decision: Decision; label: string; text: string }[] = [
  {
    decision: 'background',
    label: 'Keep running in the background',
    text: 'The window closes and the migration goes on. A notification tells when it has finished.',
  },
  {
    decision: 'pause',
    label: 'Pause and close',
    text: 'What is being moved right now is finished, nothing new is started. The run can go on later.',
  },
  {
    decision: 'cancel',
    label: 'Cancel the run and close',
    text: 'What is being moved right now is rolled back. Rows that were already loaded stay in Snowflake.',
  },
];
