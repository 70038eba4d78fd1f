import { Button, Modal } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { projectSchema, type Project } from '#shared/model/project';
import { errorValueOf } from '../api/client.ts';
import { useCreateProject } from '../api/projects.ts';
import { navigate } from '../app/router.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { focusField, RadioField, TextField } from '../ui/fields.tsx';
import classes from './new-project-dialog.module.css';

/** Asks for the source and the name of a new project, and opens it. `names` are those in use. */
export function NewProjectDialog({ isOpen, names }: { isOpen: boolean; names: readonly string[] }) {
  const close = () => navigate({ page: 'home' });
  return (
    <Modal opened={isOpen} onClose={close} title="New project" closeButtonProps={{ 'aria-label': 'Close' }}>
      <NewProjectForm names={names} onCancel={close} />
    </Modal>
  );
}

function NewProjectForm({ names, onCancel }: { names: readonly string[]; onCancel: () => void }) {
  const [sourceKind, setSourceKind] = useState<SourceKind>('redshift');
  const [typedName, setTypedName] = useState<string | null>(null);
  const name = typedName ?? freeName(names, sourceKind);
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
      { name: name.trim(), sourceKind },
      { onSuccess: (project) => navigate({ page: 'project', projectId: project.id, step: 'source' }) },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <div className={classes.fields}>
        <RadioField
          name="sourceKind"
          label="Source"
          value={sourceKind}
          onChange={(value) => setSourceKind(value === 'sqlserver' ? 'sqlserver' : 'redshift')}
          options={SOURCE_KINDS}
        />
        <TextField
          name="name"
          label="Name"
          value={name}
          onChange={setTypedName}
          onBlur={() => setError(nameProblem(name))}
          error={error}
          help="For the list of projects; it can be any text."
          isRequired
        />
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

type SourceKind = Project['sourceKind'];

const SOURCE_KINDS = [
  {
    value: 'redshift',
    label: 'Amazon Redshift',
    help: 'Provisioned or serverless. Rows travel through an S3 bucket, or through this computer when there is none.',
  },
  {
    value: 'sqlserver',
    label: 'SQL Server',
    help: 'SQL Server, Azure SQL Database or Managed Instance. Rows travel through this computer; no bucket is needed.',
  },
] as const satisfies readonly { value: SourceKind; label: string; help: string }[];

const NAMES = { redshift: 'Redshift to Snowflake', sqlserver: 'SQL Server to Snowflake' } as const;

function freeName(names: readonly string[], sourceKind: SourceKind): string {
  const taken = new Set(names);
  let number = 1;
  while (taken.has(nameNumber(sourceKind, number))) number += 1;
  return nameNumber(sourceKind, number);
}

function nameNumber(sourceKind: SourceKind, number: number): string {
  return number === 1 ? NAMES[sourceKind] : `${NAMES[sourceKind]} ${number}`;
}
