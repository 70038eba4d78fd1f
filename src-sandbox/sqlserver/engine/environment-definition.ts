import type { SqlType, SqlValue } from '../engine-contract.ts';
import type { EnvironmentFunction } from './bind/binder.ts';
import type { BatchScope } from './environment.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './session-state.ts';

export type Place = { server: ServerState; session: SessionState; batch: BatchScope };

export type Definition = Omit<EnvironmentFunction, 'key'>;

export const define = (
  args: SqlType[],
  result: SqlType,
  run: (args: SqlValue[]) => SqlValue,
  extra: { required?: number; takesNull?: boolean } = {},
): Definition => ({ args, required: extra.required ?? args.length, result, takesNull: extra.takesNull ?? false, run });
