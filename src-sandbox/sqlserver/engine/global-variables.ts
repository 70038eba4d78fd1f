import type { SqlType, SqlValue } from '../engine-contract.ts';
import { decimal, INT, nvarchar, SMALLINT } from './sql-types.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './session-state.ts';

type Typed = { type: SqlType; value: SqlValue };

export const VERSION_TEXT =
  'Microsoft SQL Server 2022 (RTM-CU14) (KB5038325) - 16.0.4135.4 (X64) \n\tJul 10 2024 14:09:09 \n\tCopyright (C) 2022 Microsoft Corporation\n\tDeveloper Edition (64-bit) on Linux (Snowferry practice server)';

/** @@VERSION and the like; undefined when the name is not known. */
export function globalVariable(server: ServerState, session: SessionState, name: string): Typed | undefined {
  const text = (value: string | null): Typed => ({ type: nvarchar(300, server.metadata.collation), value });
  const int = (value: number | null): Typed => ({ type: INT, value });
  switch (name.toUpperCase()) {
    case '@@VERSION':
      return text(VERSION_TEXT);
    case '@@SERVERNAME':
      return text(server.metadata.serverName);
    case '@@SERVICENAME':
      return text('MSSQLSERVER');
    case '@@LANGUAGE':
      return text('us_english');
    case '@@SPID':
      return { type: SMALLINT, value: session.spid };
    case '@@TRANCOUNT':
      return int(session.transaction?.depth ?? 0);
    case '@@ROWCOUNT':
      return int(session.rowCount);
    case '@@ERROR':
      return int(session.lastError);
    case '@@IDENTITY':
      return { type: decimal(38, 0), value: session.identity };
    case '@@LOCK_TIMEOUT':
      return int(session.options.lockTimeout);
    case '@@DATEFIRST':
      return { type: { name: 'tinyint' }, value: session.options.dateFirst };
    case '@@MAX_PRECISION':
      return { type: { name: 'tinyint' }, value: 38 };
    case '@@TEXTSIZE':
      return int(session.options.textSize);
    case '@@OPTIONS':
      return int(5496 + (session.options.noCount ? 512 : 0));
    case '@@LANGID':
      return { type: SMALLINT, value: 0 };
    case '@@NESTLEVEL':
    case '@@FETCH_STATUS':
    case '@@PROCID':
    case '@@CURSOR_ROWS':
      return int(0);
    case '@@MAX_CONNECTIONS':
      return int(32_767);
    case '@@MICROSOFTVERSION':
      return int(268_439_591);
    default:
      return undefined;
  }
}
