import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

/** Asks before a change is applied that later steps rely on; `steps` are sentences, null keeps it closed. */
export function AffectedStepsDialog(props: { steps: readonly string[] | null; onAnswer: (isAgreed: boolean) => void }) {
  return (
    <ConfirmDialog
      isOpen={props.steps !== null}
      title="This change affects later steps"
      confirmLabel="Apply the change"
      cancelLabel="Go back to the form"
      onConfirm={() => props.onAnswer(true)}
      onCancel={() => props.onAnswer(false)}
    >
      <ul>
        {props.steps?.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
      <p>Nothing is deleted in the source or in Snowflake.</p>
    </ConfirmDialog>
  );
}
