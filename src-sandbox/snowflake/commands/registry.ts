import { stageHandlers } from '../stages/handlers.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import type { StatementHandler } from './command.ts';

/**
 * The handlers in the order in which they are asked. The stages engine comes first, so that it owns CREATE, ALTER, DROP, SHOW
 * and DESCRIBE of STAGE, FILE FORMAT and INTEGRATION, and PUT, GET, LIST, REMOVE and COPY INTO.
 */
export const handlers: StatementHandler[] = [...stageHandlers];

export function findHandler(reader: TokenReader): StatementHandler | undefined {
  return handlers.find((handler) => handler.matches(reader));
}
