import type { StatementHandler } from '../commands/command.ts';
import { copyHandlers } from './copy-handlers.ts';
import { fileFormatHandlers } from './file-format-handlers.ts';
import { fileListHandlers } from './file-list-handlers.ts';
import { addHistoryViews } from './history-views.ts';
import { integrationHandlers } from './integration-handlers.ts';
import { stageHandlersOfStages } from './stage-handlers.ts';
import { transferHandlers } from './transfer-handlers.ts';

/** Statements of the stages engine, in the order in which they are asked. */
export const stageHandlers: StatementHandler[] = [
  ...stageHandlersOfStages,
  ...fileFormatHandlers,
  ...integrationHandlers,
  ...fileListHandlers,
  ...transferHandlers,
  ...copyHandlers,
];

addHistoryViews();
