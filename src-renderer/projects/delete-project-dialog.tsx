import type { ProjectCard } from '#shared/model/project';
import { useState } from 'react';
import { errorValueOf } from '../api/client.ts';
import { useDeleteProject } from '../api/projects.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { ErrorCard } from '../ui/error-card.tsx';

/** Asks before a project is deleted, and says what that does and does not touch. Closed when `card` is null. */
export function DeleteProjectDialog({ card, onClose }: { card: ProjectCard | null; onClose: () => void }) {
  const remove = useDeleteProject();
  const [shown, setShown] = useState(card);
  if (card !== null && card !== shown) setShown(card);
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      isOpen={card !== null}
      title={`Delete the project "${shown?.name ?? ''}"?`}
      confirmLabel="Delete project"
      cancelLabel="Keep project"
      tone="danger"
      isBusy={remove.isPending}
      onConfirm={() => card !== null && remove.mutate(card.id, { onSuccess: close })}
      onCancel={close}
    >
      <p>
        The connections, stored passwords and keys, the table selection and the history of this project are deleted from
        this machine.
      </p>
      <p>Nothing changes in the source database, in the S3 bucket or in Snowflake.</p>
      {remove.error !== null && <ErrorCard error={errorValueOf(remove.error)} />}
    </ConfirmDialog>
  );
}
