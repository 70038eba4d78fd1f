import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './confirm-dialog.module.css';

export interface ConfirmDialogProps {
  isOpen: boolean;
  /** A question: "Delete the project Sales?" */
  title: string;
  /** What happens, as whole sentences. */
  children: ReactNode;
  /** The verb: "Delete". */
  confirmLabel: string;
  cancelLabel?: string;
  tone?: 'normal' | 'danger';
  isBusy?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something that is hard to undo. The focus begins on the cancel button. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal opened={props.isOpen} onClose={props.onCancel} title={props.title} withCloseButton={false}>
      <div className={classes.text}>{props.children}</div>
      <div className={classes.actions}>
        <Button variant="default" onClick={props.onCancel} data-autofocus>
          {props.cancelLabel ?? 'Cancel'}
        </Button>
        <Button
          color={props.tone === 'danger' ? 'red.9' : undefined}
          loading={props.isBusy ?? false}
          onClick={props.onConfirm}
        >
          {props.confirmLabel}
        </Button>
      </div>
    </Modal>
  );
}
