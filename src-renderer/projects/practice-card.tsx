import { Button } from '@mantine/core';
import { IconSchool } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { errorValueOf, isCancelled } from '../api/client.ts';
import { practiceProgressQuery, useStartPractice } from '../api/practice.ts';
import { navigate } from '../app/router.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import classes from './practice-card.module.css';

/** Starts the practice environment and opens the ready project on it. */
export function PracticeCard() {
  const start = useStartPractice();
  const progress = useQuery(practiceProgressQuery());
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);
  const begin = () => {
    controller.current = new AbortController();
    start.mutate(controller.current.signal, {
      onSuccess: (project) => navigate({ page: 'project', projectId: project.id, step: null }),
    });
  };
  return (
    <article className={classes.card}>
      <h2 className={classes.title}>
        <IconSchool size={20} aria-hidden className={classes.icon} />
        Try it with practice data
      </h2>
      <p className={classes.text}>
        Nothing to sign up for: a small warehouse with eight tables, an S3 bucket and a Snowflake account run on this
        machine. The project that opens is ready to go.
      </p>
      {start.error !== null && !isCancelled(start.error) && <ErrorCard error={errorValueOf(start.error)} />}
      <div className={classes.actions}>
        <Button variant="light" loading={start.isPending} onClick={begin}>
          Start practice
        </Button>
        {start.isPending && (
          <Button variant="subtle" onClick={() => controller.current?.abort()}>
            Cancel
          </Button>
        )}
        <span className={classes.progress} role="status">
          {start.isPending ? progress.data || 'Starting the practice environment' : ''}
        </span>
      </div>
    </article>
  );
}
