import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { extname, join, normalize, sep } from 'node:path';
import {
  BrowserWindow,
  Menu,
  app,
  nativeTheme,
  protocol,
  screen,
  session,
  shell,
  type MenuItemConstructorOptions,
} from 'electron';
import { eventChannel, type EventName } from '#shared/ipc/channels';
import type { EventPayloads } from '#shared/ipc/contract';
import { writeFileAtomically } from './lib/write-file-atomically.ts';

export const APP_ORIGIN = 'app://snowferry';
const SMALLEST = { width: 900, height: 640 };
const PREFERRED = { width: 1280, height: 860 };

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** Must run before the app is ready: the page gets an origin of its own, so that CSP and storage work as on the web. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: false, codeCache: true } },
  ]);
}

/** Serves the renderer's files and nothing else; the page gets a fresh nonce for the styles that the component library injects. */
export function serveRenderer(rendererDirectory: string): void {
  session.defaultSession.protocol.handle('app', async (request) => {
    const path = findRendererFile(rendererDirectory, request.url);
    const body = path === null ? null : await readFile(path).catch(() => null);
    if (path === null || !body) return new Response('Not found', { status: 404 });
    const nonce = randomBytes(16).toString('base64');
    const headers = {
      'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
    };
    if (extname(path) !== '.html') return new Response(new Uint8Array(body), { headers });
    const html = body.toString('utf8').replaceAll('__CSP_NONCE__', nonce);
    return new Response(html, { headers: { ...headers, 'content-security-policy': contentSecurityPolicy(nonce) } });
  });
}

/** Null for what is not below the directory, or no address at all. */
function findRendererFile(rendererDirectory: string, address: string): string | null {
  try {
    const { host, pathname } = new URL(address);
    const path = normalize(join(rendererDirectory, decodeURIComponent(pathname === '/' ? '/index.html' : pathname)));
    return host === 'snowferry' && path.startsWith(rendererDirectory + sep) ? path : null;
  } catch {
    return null;
  }
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** No page may navigate away, open windows, ask for permissions or embed web views. */
export function lockDownContents(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

export interface WindowOptions {
  preloadPath: string;
  /** Where position and size are remembered. */
  statePath: string;
  /** Asked when the user closes the window; false keeps it open. */
  mayClose(window: BrowserWindow): boolean;
}

export function createMainWindow({ preloadPath, statePath, mayClose }: WindowOptions): BrowserWindow {
  const state = readWindowState(statePath);
  const window = new BrowserWindow({
    ...state.bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Snowferry',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14171a' : '#f7f8f9',
    webPreferences: {
      preload: preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // What is typed into the inspector of the packaged app speaks with the page's rights.
      devTools: !app.isPackaged,
      spellcheck: false,
    },
  });
  if (state.isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    if (!mayClose(window)) return event.preventDefault();
    const bounds = window.getNormalBounds();
    void writeFileAtomically(statePath, JSON.stringify({ bounds, isMaximized: window.isMaximized() })).catch(
      () => undefined,
    );
  });
  void window.loadURL(`${APP_ORIGIN}/index.html`);
  return window;
}

export function sendEvent<Name extends EventName>(name: Name, payload: EventPayloads[Name]): void {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.isDestroyed() && !window.webContents.isDestroyed())
      window.webContents.send(eventChannel(name), payload);
  }
}

/** Pages that may be opened in the system's browser: vendors' documentation and the project's own. */
const EXTERNAL_HOSTS = [
  'docs.aws.amazon.com',
  'docs.snowflake.com',
  'learn.microsoft.com',
  'console.aws.amazon.com',
  'app.snowflake.com',
  'snowferry.example',
];

export async function openExternal(address: string): Promise<boolean> {
  const url = new URL(address);
  const isKnown = EXTERNAL_HOSTS.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  if (url.protocol !== 'https:' || !isKnown) return false;
  await shell.openExternal(url.href);
  return true;
}

export function installMenu(): void {
  const command = (
    label: string,
    name: EventPayloads['menu.command']['command'],
    accelerator?: string,
  ): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => sendEvent('menu.command', { command: name }),
  });
  const isMac = process.platform === 'darwin';
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ role: 'appMenu' as const }] : []),
      {
        label: 'File',
        submenu: [
          command('New Project', 'new-project', 'CmdOrCtrl+N'),
          command('All Projects', 'home', 'CmdOrCtrl+Shift+H'),
          { type: 'separator' },
          command('Settings', 'settings', 'CmdOrCtrl+,'),
          { type: 'separator' },
          { role: isMac ? 'close' : 'quit' },
        ],
      },
      { role: 'editMenu' },
      {
        label: 'View',
        submenu: [
          command('Show or Hide Help', 'toggle-help', 'F1'),
          { type: 'separator' },
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'togglefullscreen' },
        ],
      },
      { role: 'windowMenu' },
    ]),
  );
}

interface WindowState {
  bounds: Electron.BrowserWindowConstructorOptions;
  isMaximized: boolean;
}

/** The remembered bounds, or a centred window when there are none or the screen that they were on is gone. */
function readWindowState(path: string): WindowState {
  const { workAreaSize } = screen.getPrimaryDisplay();
  const fallback = {
    width: Math.min(PREFERRED.width, workAreaSize.width),
    height: Math.min(PREFERRED.height, workAreaSize.height),
  };
  try {
    const { bounds, isMaximized } = JSON.parse(readFileSync(path, 'utf8')) as {
      bounds: Electron.Rectangle;
      isMaximized: boolean;
    };
    const { workArea } = screen.getDisplayMatching(bounds);
    const isVisible =
      bounds.x < workArea.x + workArea.width - 100 &&
      bounds.x + bounds.width > workArea.x + 100 &&
      bounds.y >= workArea.y &&
      bounds.y < workArea.y + workArea.height - 100;
    return { bounds: isVisible ? bounds : { width: bounds.width, height: bounds.height }, isMaximized };
  } catch {
    return { bounds: fallback, isMaximized: false };
  }
}
