import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BrowserWindow, Notification, app, dialog, nativeTheme, powerMonitor, safeStorage } from 'electron';
import { appSettingsSchema, type AppSettings } from '#shared/model/app-settings';
import type { RunSnapshot } from '#shared/model/run';
import { compose, type Core } from './compose.ts';
import { createAppHandlers } from './ipc/app-handlers.ts';
import { createPracticeHandlers } from './ipc/practice-handlers.ts';
import { createProjectHandlers } from './ipc/project-handlers.ts';
import { registerHandlers } from './ipc/register-handlers.ts';
import { createRunHandlers } from './ipc/run-handlers.ts';
import { createSnowflakeHandlers } from './ipc/snowflake-handlers.ts';
import { createSourceHandlers } from './ipc/source-handlers.ts';
import { createStagingHandlers } from './ipc/staging-handlers.ts';
import { createTableHandlers } from './ipc/table-handlers.ts';
import { createFileLog } from './lib/log.ts';
import { writeFileAtomically } from './lib/write-file-atomically.ts';
import { createPracticeProcess, type PracticeProcess } from './practice/practice-process.ts';
import type { SecretCipher } from './store/secret-store.ts';
import {
  APP_ORIGIN,
  createMainWindow,
  installMenu,
  lockDownContents,
  openExternal,
  registerAppScheme,
  sendEvent,
  serveRenderer,
} from './window.ts';

const outDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
const PRACTICE_SCALE = '0.01';
/** The runtime that set-up falls back to where Electron's own cannot be fetched. */
const OLDEST_CURRENT_ELECTRON = 40;

registerAppScheme();
if (app.requestSingleInstanceLock()) void start();
else app.quit();

async function start(): Promise<void> {
  await app.whenReady();
  const dataDirectory = app.getPath('userData');
  const log = createFileLog(join(dataDirectory, 'logs', 'snowferry.log'));
  process.on('unhandledRejection', (reason) =>
    log('error', 'A rejection was not handled.', { stack: reason instanceof Error ? reason.stack : String(reason) }),
  );
  process.on('uncaughtException', (error) => log('error', 'An exception was not caught.', { stack: error.stack }));
  const core = openCore(dataDirectory, log);
  if (!core) return;
  const practice = createPracticeProcess({
    rootDirectory: dirname(outDirectory),
    nodePath: process.env['npm_node_execpath'] ?? 'node',
    scale: PRACTICE_SCALE,
  });
  const closing = { isAllowed: false };
  const openWindow = (): BrowserWindow =>
    createMainWindow({
      preloadPath: join(outDirectory, 'preload', 'preload.cjs'),
      statePath: join(dataDirectory, 'window.json'),
      mayClose: () => closing.isAllowed || !askBeforeClosing(core),
    });
  lockDownContents();
  serveRenderer(join(outDirectory, 'renderer'));
  installMenu();
  register({ core, practice, dataDirectory, closing });
  await applyColorScheme(dataDirectory);
  openWindow();
  app.on('second-instance', () => showWindow(openWindow));
  app.on('activate', () => showWindow(openWindow));
  app.on('window-all-closed', () => app.quit());
  powerMonitor.on('suspend', () => core.runs.suspended());
  powerMonitor.on('resume', () => core.runs.resumed());
  app.on('before-quit', () => practice.stop());
}

function openCore(dataDirectory: string, log: ReturnType<typeof createFileLog>): Core | null {
  try {
    return compose({ dataDirectory, cipher: createCipher(), log, onRunChange: showRunChange, onRunEnd: tellRunEnd });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    log('error', 'The app could not start.', { detail: text });
    dialog.showErrorBox('Snowferry cannot start', `${text}\n\nThe data directory is ${dataDirectory}.`);
    app.exit(1);
    return null;
  }
}

interface RegisterParts {
  core: Core;
  practice: PracticeProcess;
  dataDirectory: string;
  closing: { isAllowed: boolean };
}

function register({ core, practice, dataDirectory, closing }: RegisterParts): void {
  registerHandlers({
    log: core.log,
    isTrustedUrl: (url) => url.startsWith(`${APP_ORIGIN}/`),
    handlers: {
      ...createAppHandlers({
        info: {
          version: app.getVersion(),
          platform: process.platform,
          electron: process.versions.electron,
          secretStorage: core.secrets.storage,
          isPracticeRuntime: Number(process.versions.electron.split('.')[0]) < OLDEST_CURRENT_ELECTRON,
          dataDirectory,
        },
        readSettings: () => readSettings(dataDirectory),
        writeSettings: async (settings) => {
          await writeFileAtomically(settingsPath(dataDirectory), JSON.stringify(settings, null, 2));
          nativeTheme.themeSource = settings.colorScheme;
        },
        openExternal,
        chooseFile,
        closeWindow: (decision) => carryOutClose(core, decision, closing),
      }),
      ...createProjectHandlers(core),
      ...createSourceHandlers(core),
      ...createSnowflakeHandlers(core),
      ...createStagingHandlers({ core, sendCheckProgress: (payload) => sendEvent('staging.checkProgress', payload) }),
      ...createTableHandlers(core),
      ...createRunHandlers({
        core,
        saveFile,
        sendValidationProgress: (payload) => sendEvent('validation.progress', payload),
      }),
      ...createPracticeHandlers({ core, practice, sendProgress: (payload) => sendEvent('practice.progress', payload) }),
    },
  });
}

/** The system's keychain, or null where there is none: Linux's `basic_text` only hides a secret from a glance. */
function createCipher(): SecretCipher | null {
  if (!safeStorage.isEncryptionAvailable()) return null;
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return null;
  return {
    encrypt: (text) => safeStorage.encryptString(text).toString('base64'),
    decrypt: (encrypted) => safeStorage.decryptString(Buffer.from(encrypted, 'base64')),
  };
}

function settingsPath(dataDirectory: string): string {
  return join(dataDirectory, 'settings.json');
}

async function readSettings(dataDirectory: string): Promise<AppSettings> {
  try {
    return appSettingsSchema.parse(JSON.parse(await readFile(settingsPath(dataDirectory), 'utf8')));
  } catch {
    return appSettingsSchema.parse({});
  }
}

async function applyColorScheme(dataDirectory: string): Promise<void> {
  nativeTheme.themeSource = (await readSettings(dataDirectory)).colorScheme;
}

function showWindow(openWindow: () => BrowserWindow): void {
  const window = BrowserWindow.getAllWindows()[0] ?? openWindow();
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** While a run is at work the page asks what closing shall mean; answers whether it was asked. */
function askBeforeClosing(core: Core): boolean {
  const runIds = core.runs.activeRunIds();
  if (runIds.length === 0) return false;
  sendEvent('window.closeRequested', { runIds });
  return true;
}

async function carryOutClose(
  core: Core,
  decision: 'background' | 'pause' | 'cancel' | 'stay',
  closing: { isAllowed: boolean },
): Promise<void> {
  if (decision === 'stay') return;
  if (decision === 'background') {
    for (const window of BrowserWindow.getAllWindows()) window.hide();
    return;
  }
  const runIds = core.runs.activeRunIds();
  if (decision === 'cancel') for (const runId of runIds) core.runs.cancel(runId);
  if (decision === 'pause') await core.runs.pauseAll();
  await Promise.allSettled(runIds.map((runId) => core.runs.finished(runId)));
  closing.isAllowed = true;
  app.quit();
}

async function chooseFile({ title, extensions }: { title: string; extensions: string[] }): Promise<string | null> {
  const filters = extensions.length > 0 ? [{ name: title, extensions }] : [];
  const result = await dialog.showOpenDialog({ title, properties: ['openFile', 'showHiddenFiles'], filters });
  return result.filePaths[0] ?? null;
}

async function saveFile({ suggestedName, text }: { suggestedName: string; text: string }): Promise<string | null> {
  const result = await dialog.showSaveDialog({ defaultPath: suggestedName });
  if (result.canceled || !result.filePath) return null;
  await writeFileAtomically(result.filePath, text);
  return result.filePath;
}

function showRunChange(delta: Parameters<Parameters<typeof compose>[0]['onRunChange']>[0]): void {
  sendEvent('run.changed', delta);
  const { expectedRows, loadedRows } = delta.totals;
  const share = expectedRows ? Math.min(1, loadedRows / expectedRows) : 2;
  for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(delta.state === 'running' ? share : -1);
}

function tellRunEnd(snapshot: RunSnapshot): void {
  for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(-1);
  if (!Notification.isSupported() || BrowserWindow.getFocusedWindow()) return;
  const { tablesLoaded, tablesFailed, tables } = snapshot.totals;
  const body =
    tablesFailed > 0
      ? `${tablesLoaded} of ${tables} tables are loaded, ${tablesFailed} failed.`
      : `${tablesLoaded} of ${tables} tables are loaded.`;
  new Notification({ title: snapshot.state === 'done' ? 'Migration done' : 'Migration stopped', body }).show();
}
