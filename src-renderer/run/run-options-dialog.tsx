import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { Project } from '#shared/model/project';
import { errorValueOf } from '../api/client.ts';
import { useUpdateProject } from '../api/projects.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { focusField } from '../ui/fields.tsx';
import { RunOptionFields } from './run-option-fields.tsx';
import {
  runOptionProblems,
  runOptionValuesOf,
  toRunOptions,
  withPartitionSize,
  RUN_OPTION_FIELDS,
} from './run-options-form.ts';
import classes from './run-options.module.css';

interface RunOptionsDialogProps {
  isOpen: boolean;
  project: Project;
  onClose: () => void;
  /** Called when the options were saved: the plan is then outdated. */
  onSaved: () => void;
}

/** How a run works: parallel work, sizes, places, clean-up and what happens after failures. Saved with the project. */
export function RunOptionsDialog(props: RunOptionsDialogProps) {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Options of the run"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <OptionsForm key={String(props.isOpen)} {...props} />
    </Modal>
  );
}

function OptionsForm({ project, onClose, onSaved }: RunOptionsDialogProps) {
  const [values, setValues] = useState(() => runOptionValuesOf(project.options, project.selection));
  const [isChecked, setChecked] = useState(false);
  const update = useUpdateProject(project.id);
  const problems = runOptionProblems(values);
  const save = () => {
    setChecked(true);
    const first = RUN_OPTION_FIELDS.find((name) => name in problems);
    if (first !== undefined) {
      focusField(first);
      return;
    }
    update.mutate(
      (current) => ({
        options: toRunOptions(values, current.options),
        selection: withPartitionSize(values, current.selection),
      }),
      { onSuccess: onSaved },
    );
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <RunOptionFields
        project={project}
        values={values}
        problems={isChecked ? problems : {}}
        onChange={(change) => setValues({ ...values, ...change })}
      />
      {update.error !== null && <ErrorCard error={errorValueOf(update.error)} />}
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={update.isPending}>
          Save options
        </Button>
      </div>
    </form>
  );
}
