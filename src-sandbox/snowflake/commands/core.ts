import type { CoreContext } from '../engine/statement-context.ts';
import type { StatementHandler, StatementResult } from './command.ts';
import type { TokenReader } from '../sql/token-reader.ts';

/** A handler of the core: its context has the server's state too. */
export function coreHandler(
  name: string,
  matches: (reader: TokenReader) => boolean,
  execute: (context: CoreContext, reader: TokenReader) => Promise<StatementResult>,
): StatementHandler {
  return { name, matches, execute: (context, reader) => execute(context as CoreContext, reader) };
}
