import { stageHandlers } from '../stages/handlers.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import type { StatementHandler } from './command.ts';
import { alterTableHandler } from './alter-table.ts';
import { createDatabaseHandlers } from './create-database.ts';
import { createTableHandler } from './create-table.ts';
import { createViewHandlers } from './create-view.ts';
import { describeHandler } from './describe.ts';
import { dmlHandlers } from './dml.ts';
import { dropHandlers } from './drop.ts';
import { insertHandler } from './insert.ts';
import { mergeHandler } from './merge.ts';
import { securityHandlers } from './security.ts';
import { selectHandler } from './select.ts';
import { sessionHandlers } from './session-statements.ts';
import { showHandler } from './show.ts';
import { transactionHandlers } from './transactions.ts';
import { truncateHandler } from './truncate.ts';
import { warehouseHandlers } from './warehouse.ts';

/**
 * The handlers in the order in which they are asked. The stages engine comes first, so that it owns CREATE, ALTER, DROP, SHOW
 * and DESCRIBE of STAGE, FILE FORMAT and INTEGRATION, and PUT, GET, LIST, REMOVE and COPY INTO.
 */
const handlers = (): StatementHandler[] => [
  ...stageHandlers,
  selectHandler,
  insertHandler,
  ...dmlHandlers,
  mergeHandler,
  truncateHandler,
  ...transactionHandlers,
  ...sessionHandlers,
  createTableHandler,
  ...createViewHandlers,
  ...createDatabaseHandlers,
  ...warehouseHandlers,
  ...securityHandlers,
  alterTableHandler,
  ...dropHandlers,
  showHandler,
  describeHandler,
];

export function findHandler(reader: TokenReader): StatementHandler | undefined {
  return handlers().find((handler) => handler.matches(reader));
}
