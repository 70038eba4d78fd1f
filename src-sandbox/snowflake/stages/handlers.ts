import type { StatementHandler } from '../commands/command.ts';
import { copyHandlers } from './copy-handlers.ts';
import { stageHandlersOfStages } from './stage-handlers.ts';

/** Statements of the stages engine, in the order in which they are asked. */
export const stageHandlers: StatementHandler[] = [...stageHandlersOfStages, ...copyHandlers];
