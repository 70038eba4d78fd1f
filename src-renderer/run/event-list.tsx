import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconListDetails, IconSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RunEvent } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { runEventsQuery } from '../api/run.ts';
import { DataGrid } from '../ui/data-grid.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import type { GridColumn } from '../ui/grid-column.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { mergeEvents } from './merge-events.ts';
import classes from './run.module.css';

/** What was noted during a run, newest first; older events are fetched on request. Ctrl+C in the list copies. */
export function EventList({ runId, events }: { runId: string; events: readonly RunEvent[] }) {
  const queryClient = useQueryClient();
  const [older, setOlder] = useState<readonly RunEvent[]>([]);
  const [text, setText] = useState('');
  const [level, setLevel] = useState<EventFilter>('all');
  const [isLoading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const all = mergeEvents(older, events);
  const wanted = text.trim().toLowerCase();
  const shown = all.filter(
    (event) => FILTERS[level].levels.includes(event.level) && event.text.toLowerCase().includes(wanted),
  );
  const oldest = all.at(-1)?.sequence ?? 0;
  const more = async () => {
    setLoading(true);
    setError(null);
    try {
      const page = await queryClient.fetchQuery(runEventsQuery(runId, oldest));
      setOlder((known) => mergeEvents(known, page));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setLoading(false);
    }
  };
  return (
    <>
      <div className={classes.eventBar}>
        <TextInput
          aria-label="Search events"
          placeholder="Search events"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          className={classes.search}
        />
        <SegmentedControl aria-label="Level of the events" value={level} onChange={setLevel} data={FILTER_OPTIONS} />
        {oldest > 1 && (
          <Button variant="default" loading={isLoading} onClick={() => void more()}>
            Show older events
          </Button>
        )}
      </div>
      {error !== null && <ErrorCard error={errorValueOf(error)} />}
      <DataGrid
        label="Events"
        rows={shown}
        rowKey={eventKey}
        columns={EVENT_COLUMNS}
        rowHeight={32}
        empty={
          <EmptyState icon={<IconListDetails size={32} stroke={1.5} />} title="No event fits">
            Choose another level or clear the search.
          </EmptyState>
        }
      />
    </>
  );
}

type EventFilter = 'all' | 'care' | 'error';
const FILTERS: Record<EventFilter, { label: string; levels: readonly RunEvent['level'][] }> = {
  all: { label: 'All', levels: ['info', 'warning', 'error'] },
  care: { label: 'Warnings and errors', levels: ['warning', 'error'] },
  error: { label: 'Errors', levels: ['error'] },
};
const FILTER_OPTIONS = (Object.keys(FILTERS) as EventFilter[]).map((value) => ({
  value,
  label: FILTERS[value].label,
}));

function eventKey(event: RunEvent): string {
  return String(event.sequence);
}

const LEVELS = {
  info: { tone: 'waiting', label: 'Note' },
  warning: { tone: 'warning', label: 'Warning' },
  error: { tone: 'failed', label: 'Error' },
} as const;

const EVENT_COLUMNS: readonly GridColumn<RunEvent>[] = [
  { id: 'at', header: 'Time', width: 110, text: (event) => new Date(event.at).toLocaleTimeString() },
  {
    id: 'level',
    header: 'Level',
    width: 110,
    text: (event) => LEVELS[event.level].label,
    render: (event) => <StatusBadge {...LEVELS[event.level]} plain />,
  },
  { id: 'text', header: 'Event', width: 320, grows: true, text: (event) => event.text },
];
