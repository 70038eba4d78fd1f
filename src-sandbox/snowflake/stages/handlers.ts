import type { StatementHandler } from '../commands/command.ts';

/** Statements of the stages engine, in the order in which they are asked. */
export const stageHandlers: StatementHandler[] = [];
