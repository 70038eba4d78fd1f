import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { NamedConnection } from '#shared/ipc/contract';
import { errorValueOf } from '../../api/client.ts';
import { useAdoptNamedSecrets } from '../../api/projects.ts';
import { namedConnectionsQuery } from '../../api/snowflake.ts';
import { ErrorCard } from '../../ui/error-card.tsx';
import { FormSection, SelectField } from '../../ui/fields.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { StepForm } from '../use-step-form.ts';
import { snowflakeFormOf, type SnowflakeFormValues } from './snowflake-form.ts';

/** Connections of connections.toml and config.toml; nothing when there are none. Choosing one fills in the form. */
export function NamedConnections({ projectId, form }: { projectId: string; form: StepForm<SnowflakeFormValues> }) {
  const connections = useQuery(namedConnectionsQuery());
  const adopt = useAdoptNamedSecrets(projectId);
  const [chosen, setChosen] = useState('');
  const known = connections.data ?? [];
  if (known.length === 0) return null;
  const connection = known.find(({ name }) => name === chosen);
  const choose = (name: string) => {
    setChosen(name);
    const settings = known.find((each) => each.name === name)?.settings ?? null;
    if (settings === null) return;
    form.set(snowflakeFormOf(settings));
    adopt.mutate(name);
  };
  return (
    <FormSection title="Named connection" lead="Connections that other Snowflake tools use on this machine.">
      <SelectField
        name="namedConnection"
        label="Connection"
        value={chosen}
        onChange={choose}
        options={known.map(({ name, isDefault }) => ({ value: name, label: isDefault ? `${name} (default)` : name }))}
        placeholder="Choose a connection, or fill in the form below"
        help={connection === undefined ? known[0]?.file : connection.file}
      />
      {connection !== undefined && <Outcome connection={connection} />}
      {adopt.error !== null && <ErrorCard error={errorValueOf(adopt.error)} />}
    </FormSection>
  );
}

function Outcome({ connection }: { connection: NamedConnection }) {
  if (connection.problem !== null) {
    return (
      <Notice tone="warning" title={`The connection ${connection.name} cannot be used`}>
        <p>{connection.problem}</p>
      </Notice>
    );
  }
  return (
    <Notice tone="ok">
      <p>
        The form is filled in from the connection {connection.name}. A password, key or token that it holds is taken
        over.
      </p>
    </Notice>
  );
}
