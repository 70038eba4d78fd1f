import { createAppHandlers } from '../app-handlers.ts';
import type { Handlers } from '../call-door.ts';
import { createPracticeHandlers } from '../practice-handlers.ts';
import { createProjectHandlers } from '../project-handlers.ts';
import { createRunHandlers } from '../run-handlers.ts';
import { createSnowflakeHandlers } from '../snowflake-handlers.ts';
import { createSourceHandlers } from '../source-handlers.ts';
import { createStagingHandlers } from '../staging-handlers.ts';
import { createTableHandlers } from '../table-handlers.ts';
import type { Core } from '../../compose.ts';
import { appSettingsSchema, type AppSettings } from '#shared/model/app-settings';
import { AppError } from '#shared/errors/app-error';

/** Every handler over one core, with an outside world that only notes what is asked of it. */
export function allHandlers(core: Core): { handlers: Handlers; outside: string[] } {
  const outside: string[] = [];
  let settings = appSettingsSchema.parse({});
  const handlers: Handlers = {
    ...createAppHandlers({
      info: {
        version: '0',
        platform: 'test',
        electron: '0',
        secretStorage: 'session',
        isPracticeRuntime: true,
        dataDirectory: '/data',
      },
      readSettings: () => Promise.resolve(settings),
      writeSettings: (changed: AppSettings) => Promise.resolve(void (settings = changed)),
      openExternal: (url) => {
        new URL(url);
        outside.push('openExternal');
        return Promise.resolve(false);
      },
      chooseFile: () => Promise.resolve(void outside.push('chooseFile')).then(() => null),
      closeWindow: () => Promise.resolve(void outside.push('closeWindow')),
    }),
    ...createProjectHandlers(core),
    ...createSourceHandlers(core),
    ...createSnowflakeHandlers(core),
    ...createStagingHandlers({ core, sendCheckProgress: () => undefined }),
    ...createTableHandlers(core),
    ...createRunHandlers({
      core,
      saveFile: () => Promise.resolve(void outside.push('saveFile')).then(() => null),
      sendValidationProgress: () => undefined,
    }),
    ...createPracticeHandlers({
      core,
      practice: {
        isAvailable: () => false,
        start: () => Promise.reject(new AppError('PRACTICE_FAILED', { facts: { detail: 'there is none' } })),
        stop: () => undefined,
      },
      sendProgress: () => undefined,
    }),
  };
  return { handlers, outside };
}
