import type { AppInfo } from '#shared/ipc/contract';
import { appSettingsSchema, type AppSettings } from '#shared/model/app-settings';
import { AppError } from '#shared/errors/app-error';
import type { Handlers } from './call-door.ts';

type AppCalls = Extract<keyof Handlers, `app.${string}`>;

export interface AppHandlerOptions {
  info: AppInfo;
  readSettings(): Promise<AppSettings>;
  writeSettings(settings: AppSettings): Promise<void>;
  openExternal(url: string): Promise<boolean>;
  chooseFile(request: { title: string; extensions: string[] }): Promise<string | null>;
  closeWindow(decision: 'background' | 'pause' | 'cancel' | 'stay'): Promise<void>;
}

export function createAppHandlers(options: AppHandlerOptions): Pick<Handlers, AppCalls> {
  return {
    'app.info': () => Promise.resolve(options.info),
    'app.settings': () => options.readSettings(),
    'app.saveSettings': async (patch) => {
      const settings = appSettingsSchema.parse({ ...(await options.readSettings()), ...patch });
      await options.writeSettings(settings);
      return settings;
    },
    'app.openExternal': async ({ url }) => {
      if (!(await options.openExternal(url)))
        throw new AppError('INPUT_INVALID', { facts: { detail: 'This address is not one that the app opens.' } });
      return null;
    },
    'app.chooseFile': (request) => options.chooseFile(request),
    'app.closeWindow': async ({ decision }) => {
      await options.closeWindow(decision);
      return null;
    },
  };
}
