import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { SecretSlot } from '#shared/model/connection-settings';
import type { Pause, RunSnapshot } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { secretStatusQuery } from '../api/projects.ts';
import { useContinueRun } from '../api/run.ts';
import { useQuery } from '@tanstack/react-query';
import { ErrorCard } from '../ui/error-card.tsx';
import { Notice } from '../ui/notice.tsx';
import { SecretField } from '../ui/secret-field.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { mendingLabel, mendingStep } from './mending-step.ts';
import { pauseSentence, SECRET_LABELS } from './pause-wording.ts';
import { wantedSecrets } from './wanted-secrets.ts';
import classes from './run.module.css';

/** Why a run stands still, what is left, and what it needs of the user. Nothing for a run that moves. */
export function PauseNotice(props: { snapshot: RunSnapshot } & Pick<StepPageProps, 'project' | 'goTo'>) {
  const { snapshot, project, goTo } = props;
  const { pause, state } = snapshot;
  const sentence = pauseSentence(snapshot);
  const isStill = state === 'paused' || state === 'interrupted' || state === 'finished-with-failures';
  return (
    <>
      {sentence !== null && (
        <Notice tone="paused" title={sentence.title}>
          <p>{sentence.text}</p>
        </Notice>
      )}
      {pause !== null && pause.error !== null && isStill && (
        <ErrorCard error={pause.error} actions={<PauseActions pause={pause} goTo={goTo} />} />
      )}
      {pause !== null && pause.cause === 'needs-you' && isStill && (
        <NewSecrets runId={snapshot.runId} project={project} pause={pause} />
      )}
    </>
  );
}

/** Where a cause that is no secret is mended. */
function PauseActions({ pause, goTo }: { pause: Pause; goTo: StepPageProps['goTo'] }) {
  if (pause.cause !== 'needs-you' || pause.side === 'machine' || pause.error === null) return null;
  const step =
    pause.side === 'source' ? 'source' : pause.side === 'snowflake' ? 'snowflake' : mendingStep(pause.error.code);
  return (
    <Button size="xs" variant="default" onClick={() => goTo(step)}>
      {mendingLabel(step)}
    </Button>
  );
}

/** Asks for the secrets of which a new value mends the run, stores them and goes on. */
function NewSecrets({ runId, project, pause }: { runId: string; project: StepPageProps['project']; pause: Pause }) {
  const status = useQuery(secretStatusQuery(project.id));
  const proceed = useContinueRun(runId);
  const [typed, setTyped] = useState<Partial<Record<SecretSlot, string>>>({});
  const given = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''));
  const slots = wantedSecrets(pause, project, status.data?.isSet);
  if (slots.length === 0) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(given).length > 0) proceed.mutate(given);
  };
  return (
    <form className={classes.secrets} onSubmit={submit} aria-label="New secrets for the run">
      {slots.map((slot) => (
        <SecretField
          key={slot}
          name={slot}
          label={SECRET_LABELS[slot]}
          value={typed[slot] ?? ''}
          onChange={(value) => setTyped({ ...typed, [slot]: value })}
          isStored={false}
          storage={status.data?.storage ?? 'session'}
          onForget={() => undefined}
          isMultiline={slot === 'snowflake.privateKey'}
        />
      ))}
      {proceed.error !== null && <ErrorCard error={errorValueOf(proceed.error)} />}
      <div>
        <Button type="submit" loading={proceed.isPending} disabled={Object.keys(given).length === 0}>
          Go on with it
        </Button>
      </div>
    </form>
  );
}
