import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { CallInput } from '#shared/ipc/contract';
import { errorValueOf } from '../api/client.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { RadioField, SelectField } from '../ui/fields.tsx';
import { isRetryRows, RETRY_ROWS_OPTIONS, retryWarning, type RetryRows } from './retry-wording.ts';
import classes from './retry-dialog.module.css';

export type RetryChoice = Pick<CallInput<'run.retry'>, 'which' | 'existingRows'>;

export interface RetryDialogProps {
  isOpen: boolean;
  /** Tables that are not loaded. */
  failedCount: number;
  tableCount: number;
  isBusy: boolean;
  error: Error | null;
  onCancel: () => void;
  onRetry: (choice: RetryChoice) => void;
}

/** Asks what is migrated again: what failed, or everything. */
export function RetryDialog(props: RetryDialogProps) {
  return (
    <Modal opened={props.isOpen} onClose={props.onCancel} title="Retry data migration" withCloseButton={false}>
      <RetryForm key={String(props.isOpen)} {...props} />
    </Modal>
  );
}

function RetryForm({ failedCount, tableCount, isBusy, error, onCancel, onRetry }: RetryDialogProps) {
  const [which, setWhich] = useState<RetryChoice['which']>(failedCount > 0 ? 'failed' : 'all');
  const [existingRows, setExistingRows] = useState<RetryRows>('truncate');
  return (
    <>
      <div className={classes.fields}>
        <RadioField
          name="which"
          label="What is migrated again"
          value={which}
          onChange={(value) => setWhich(value === 'all' ? 'all' : 'failed')}
          options={[
            ...(failedCount > 0
              ? [
                  {
                    value: 'failed',
                    label: `Only what is not loaded (${failedCount} of ${tableCount} tables)`,
                    help: 'Partitions that were loaded stay as they are.',
                  },
                ]
              : []),
            { value: 'all', label: `Everything (${tableCount} tables)`, help: 'A new run with all tables.' },
          ]}
        />
        {which === 'all' && (
          <SelectField
            name="retryExistingRows"
            label="Rows that are in the target tables"
            value={existingRows}
            onChange={(value) => isRetryRows(value) && setExistingRows(value)}
            options={RETRY_ROWS_OPTIONS}
            help={retryWarning(existingRows)}
          />
        )}
        {error !== null && <ErrorCard error={errorValueOf(error)} />}
      </div>
      <div className={classes.actions}>
        <Button variant="default" onClick={onCancel} data-autofocus>
          Cancel
        </Button>
        <Button loading={isBusy} onClick={() => onRetry(which === 'all' ? { which, existingRows } : { which })}>
          {which === 'all' ? 'Migrate everything again' : 'Retry failed tables'}
        </Button>
      </div>
    </>
  );
}
