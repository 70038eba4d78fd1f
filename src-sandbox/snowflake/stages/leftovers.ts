import type { StatementContext } from '../commands/command.ts';

const KEY = 'stage-leftovers';

/**
 * Puts off a clean-up to the session's next statement on a stage: a query's rows are read from the files after the
 * statement was translated, so its copies and helper tables cannot go at once. The data directory is removed with the server.
 */
export function runLater(context: StatementContext, cleanUp: () => Promise<void>): void {
  leftovers(context).push({ queryId: context.queryId, cleanUp });
}

/** Cleans up what earlier statements of this session left. A failure must not fail the new statement. */
export async function cleanLeftovers(context: StatementContext): Promise<void> {
  const list = leftovers(context);
  const old = list.filter((item) => item.queryId !== context.queryId);
  list.splice(0, list.length, ...list.filter((item) => item.queryId === context.queryId));
  for (const { cleanUp } of old) {
    await cleanUp().catch(() => undefined);
  }
}

interface Leftover {
  queryId: string;
  cleanUp: () => Promise<void>;
}

function leftovers(context: StatementContext): Leftover[] {
  const { extensions } = context.services;
  const bySession = (extensions.get(KEY) as Map<string, Leftover[]> | undefined) ?? new Map<string, Leftover[]>();
  extensions.set(KEY, bySession);
  const list = bySession.get(context.session.id) ?? [];
  bySession.set(context.session.id, list);
  return list;
}
