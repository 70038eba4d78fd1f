import { toErrorValue, type AppError } from '#shared/errors/app-error';
import type { Side } from '#shared/model/run';
import { OF_THIS_MACHINE, secretsOf } from './failure-kind.ts';
import { PauseRequested } from './pause-requested.ts';
import type { RunControl } from './run-control.ts';

/** Pauses the run because only the user can mend this; answers what is to be thrown. */
export function pauseForUser(control: RunControl, side: Side | null, error: AppError): PauseRequested {
  control.requestPause({
    cause: 'needs-you',
    side: OF_THIS_MACHINE.includes(error.code) ? 'machine' : side,
    since: new Date().toISOString(),
    error: toErrorValue(error),
    secrets: secretsOf(error, side),
  });
  return new PauseRequested();
}
