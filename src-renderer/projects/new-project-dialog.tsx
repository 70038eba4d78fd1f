import { Button, Modal } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { projectSchema } from '#shared/model/project';
import { errorValueOf } from '../api/client.ts';
import { useCreateProject } from '../api/projects.ts';
import { navigate } from '../app/router.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { focusField, TextField } from '../ui/fields.tsx';
import classes from './new-project-dialog.module.css';

/** Asks for the name of a new project, and opens it. `names` are those in use. */
export function NewProjectDialog({ isOpen, names }: { isOpen: boolean; names: readonly string[] }) {
  const close = () => navigate({ page: 'home' });
  return (
    <Modal opened={isOpen} onClose={close} title="New project" closeButtonProps={{ 'aria-label': 'Close' }}>
      <NewProjectForm names={names} onCancel={close} />
    </Modal>
  );
}

function NewProjectForm({ names, onCancel }: { names: readonly string[]; onCancel: () => void }) {
  const [name, setName] = useState(() => freeName(names));
  const [error, setError] = useState<string | undefined>(undefined);
  const create = useCreateProject();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problem = nameProblem(name);
    setError(problem);
    if (problem !== undefined) {
      focusField('name');
      return;
    }
    create.mutate(
      { name: name.trim(), sourceKind: 'redshift' },
      { onSuccess: (project) => navigate({ page: 'project', projectId: project.id, step: 'source' }) },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <div className={classes.fields}>
        <TextField
          name="name"
          label="Name"
          value={name}
          onChange={setName}
          onBlur={() => setError(nameProblem(name))}
          error={error}
          help="For the list of projects; it can be any text."
          isRequired
        />
        <p className={classes.kind}>Source: Amazon Redshift. Target: Snowflake.</p>
        {create.error !== null && <ErrorCard error={errorValueOf(create.error)} />}
      </div>
      <div className={classes.actions}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={create.isPending}>
          Create project
        </Button>
      </div>
    </form>
  );
}

function nameProblem(name: string): string | undefined {
  return projectSchema.shape.name.safeParse(name).error?.issues[0]?.message;
}

function freeName(names: readonly string[]): string {
  const taken = new Set(names);
  let number = 1;
  while (taken.has(nameNumber(number))) number += 1;
  return nameNumber(number);
}

function nameNumber(number: number): string {
  return number === 1 ? 'Redshift to Snowflake' : `Redshift to Snowflake ${number}`;
}
