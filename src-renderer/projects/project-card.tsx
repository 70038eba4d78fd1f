import { ActionIcon, Menu } from '@mantine/core';
import { IconArrowNarrowRight, IconCopy, IconDots, IconTrash } from '@tabler/icons-react';
import { formatCount } from '#shared/format/count';
import type { ProjectCard as ProjectCardValue } from '#shared/model/project';
import { RUN_STATES } from '#shared/model/run';
import { navigate } from '../app/router.ts';
import { RunStateBadge } from '../ui/run-state-badge.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import classes from './project-card.module.css';

/** One project: from where to where, and its last run. A damaged one says why and can only be deleted. */
export function ProjectCard(props: { card: ProjectCardValue; onDuplicate: () => void; onDelete: () => void }) {
  const { card } = props;
  const open = () => navigate({ page: 'project', projectId: card.id, step: null });
  return (
    <article className={classes.card} data-damaged={card.damaged !== null}>
      <header className={classes.header}>
        <h2 className={classes.name}>
          {card.damaged === null ? (
            <button type="button" className={classes.open} onClick={open}>
              {card.name}
            </button>
          ) : (
            card.name
          )}
        </h2>
        <CardMenu {...props} />
      </header>
      {card.damaged === null ? <CardFacts card={card} /> : <DamagedFacts reason={card.damaged} />}
    </article>
  );
}

function CardFacts({ card }: { card: ProjectCardValue }) {
  const source = card.sourceLabel || SOURCE_NAMES[card.sourceKind];
  const target = card.targetLabel || 'Snowflake';
  return (
    <>
      <p className={classes.route}>
        <span className={classes.end} title={source}>
          {source}
        </span>
        <span className={classes.target}>
          <IconArrowNarrowRight size={16} role="img" aria-label="to" className={classes.arrow} />
          <span className={classes.end} title={target}>
            {target}
          </span>
        </span>
      </p>
      <footer className={classes.footer}>
        <LastRun lastRun={card.lastRun} />
        <span className={classes.count}>
          {card.tableCount === 1 ? '1 table' : `${formatCount(card.tableCount)} tables`}
        </span>
      </footer>
    </>
  );
}

function DamagedFacts({ reason }: { reason: string }) {
  return (
    <>
      <StatusBadge tone="failed" label="The project cannot be read" plain />
      <p className={classes.reason}>{reason}</p>
    </>
  );
}

function LastRun({ lastRun }: { lastRun: ProjectCardValue['lastRun'] }) {
  if (lastRun === null) return <span className={classes.count}>Not run yet</span>;
  const state = RUN_STATES.find((known) => known === lastRun.state);
  return (
    <span className={classes.run}>
      {state === undefined ? (
        <StatusBadge tone="waiting" label={lastRun.state} plain />
      ) : (
        <RunStateBadge state={state} plain />
      )}
      <span className={classes.count}>{new Date(lastRun.startedAt).toLocaleString()}</span>
    </span>
  );
}

function CardMenu({
  card,
  onDuplicate,
  onDelete,
}: {
  card: ProjectCardValue;
  onDuplicate: () => void;
  onDelete: () => void;
}) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" className={classes.menu} aria-label={`Actions for ${card.name}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {card.damaged === null && (
          <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={onDuplicate}>
            Duplicate
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const SOURCE_NAMES = { redshift: 'Amazon Redshift', sqlserver: 'SQL Server' } as const;
