/**
 * Makes resources/icon.png, icon.ico, icon.icns and icons/*.png from resources/icon.svg. Run it after the drawing changed:
 * `xvfb-run -a node scripts/make-icons.mjs`. The pictures are drawn by the Electron runtime that is there already.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findElectron } from './lib/find-electron.mjs';
import { buildIcns, buildIco } from './lib/icon-files.mjs';
import { rootDir } from './lib/paths.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

const sizes = [16, 32, 48, 64, 128, 256, 512, 1024];

const drawingApp = `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => new BrowserWindow({ width: 1100, height: 1100, useContentSize: true, transparent: true, frame: false })
  .loadURL('data:text/html,<body></body>'));
`;

await runScript(async () => {
  const resources = path.join(rootDir, 'resources');
  const pictures = await drawAll(readFileSync(path.join(resources, 'icon.svg'), 'utf8'));
  mkdirSync(path.join(resources, 'icons'), { recursive: true });
  for (const size of sizes.filter((one) => one <= 512)) {
    writeFileSync(path.join(resources, 'icons', `${size}x${size}.png`), pictures.get(size));
  }
  writeFileSync(path.join(resources, 'icon.png'), pictures.get(512));
  writeFileSync(path.join(resources, 'icon.ico'), buildIco(pictures));
  writeFileSync(path.join(resources, 'icon.icns'), buildIcns(pictures));
});

async function drawAll(svg) {
  const runtime = findElectron();
  if (!runtime) throw new ScriptError('There is no Electron runtime yet. Run: node scripts/setup.mjs --electron');
  const { _electron } = await import('playwright');
  const folder = mkdtempSync(path.join(tmpdir(), 'snowferry-icons-'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'icons', main: 'main.cjs' }));
  writeFileSync(path.join(folder, 'main.cjs'), drawingApp);
  const args = [folder, '--no-sandbox', '--disable-gpu', '--force-device-scale-factor=1'];
  const app = await _electron.launch({ executablePath: runtime.executable, args });
  try {
    const page = await app.firstWindow();
    const pictures = new Map();
    for (const size of sizes) {
      await page.setContent(`<style>body{margin:0;background:transparent}svg{display:block}</style>${svg}`);
      await page.addStyleTag({ content: `svg{width:${size}px;height:${size}px}` });
      const clip = { x: 0, y: 0, width: size, height: size };
      pictures.set(size, await page.screenshot({ omitBackground: true, clip }));
    }
    return pictures;
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
