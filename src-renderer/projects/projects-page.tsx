import { Button } from '@mantine/core';
import { IconPlus, IconSettings, IconTransfer } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProjectCard as ProjectCardValue } from '#shared/model/project';
import { errorValueOf } from '../api/client.ts';
import { practiceAvailableQuery } from '../api/practice.ts';
import { projectsQuery, useDuplicateProject } from '../api/projects.ts';
import { navigate } from '../app/router.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { DeleteProjectDialog } from './delete-project-dialog.tsx';
import { JournalFindings } from './journal-findings.tsx';
import { NewProjectDialog } from './new-project-dialog.tsx';
import { PracticeCard } from './practice-card.tsx';
import { ProjectCard } from './project-card.tsx';
import { UnfinishedRuns } from './unfinished-runs.tsx';
import classes from './projects-page.module.css';

/** Home: all projects as cards. `isCreating` shows the dialog for a new one. */
export function ProjectsPage({ isCreating }: { isCreating: boolean }) {
  const projects = useQuery(projectsQuery());
  const practice = useQuery(practiceAvailableQuery());
  const duplicate = useDuplicateProject();
  const [deleted, setDeleted] = useState<ProjectCardValue | null>(null);
  const create = () => navigate({ page: 'home', isCreating: true });
  const cards = projects.data ?? [];
  const hasPractice = practice.data === true;
  return (
    <Page
      title="Projects"
      lead="Each project moves tables from one source database into Snowflake."
      layout="wide"
      headerSide={
        <>
          <Button
            variant="default"
            leftSection={<IconSettings size={16} aria-hidden />}
            onClick={() => navigate({ page: 'settings' })}
          >
            Settings
          </Button>
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={create}>
            New project
          </Button>
        </>
      }
    >
      {projects.isError && <ErrorCard error={errorValueOf(projects.error)} onRetry={() => void projects.refetch()} />}
      {duplicate.error !== null && <ErrorCard error={errorValueOf(duplicate.error)} />}
      <JournalFindings />
      {projects.isSuccess && <UnfinishedRuns cards={cards} />}
      {projects.isPending && <Loading what="Reading the projects" />}
      {projects.isSuccess && cards.length === 0 && (
        <EmptyState
          icon={<IconTransfer size={40} stroke={1.5} />}
          title="No project yet"
          action={<Button onClick={create}>New project</Button>}
        >
          A project keeps the connections, the selected tables and the results of a migration.
          {hasPractice && ' The practice data below needs no account and shows every page at work.'}
        </EmptyState>
      )}
      <ul className={classes.cards} aria-label="Projects">
        {cards.map((card) => (
          <li key={card.id}>
            <ProjectCard card={card} onDuplicate={() => duplicate.mutate(card.id)} onDelete={() => setDeleted(card)} />
          </li>
        ))}
        {hasPractice && projects.isSuccess && (
          <li>
            <PracticeCard />
          </li>
        )}
      </ul>
      <NewProjectDialog isOpen={isCreating} names={cards.map((card) => card.name)} />
      <DeleteProjectDialog card={deleted} onClose={() => setDeleted(null)} />
    </Page>
  );
}
