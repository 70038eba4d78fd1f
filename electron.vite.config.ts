import { readdirSync } from 'node:fs';
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** The oldest runtime that the app has to run on: Electron 33 (Node 20.18, Chromium 130). */
const nodeTarget = 'node20.18';
const chromiumTarget = 'chrome130';

/**
 * Everything of main lands flat in out/main, chunks too: whatever file the code ends up in, a worker is
 * `new URL('./<name>.worker.js', import.meta.url)`. The packages in `dependencies` stay outside the bundle.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: nodeTarget,
      sourcemap: false,
      minify: false,
      rolldownOptions: {
        input: { index: 'src-main/index.ts', cli: 'src-main/cli.ts', ...workerEntries() },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      target: nodeTarget,
      sourcemap: false,
      // A sandboxed preload script can require nothing but electron: it has to be one CommonJS file.
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: 'src-main/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      target: chromiumTarget,
      sourcemap: false,
      // The page's Content-Security-Policy lets no data: URLs in but for images.
      assetsInlineLimit: 0,
      // Loaded from disk: one big file costs nothing, so the usual warning about its size says nothing.
      chunkSizeWarningLimit: 4096,
      rolldownOptions: { input: 'src-renderer/index.html' },
    },
  },
});

function workerEntries(): Record<string, string> {
  const entries = new Map<string, string>();
  for (const found of readdirSync('src-main', { recursive: true, encoding: 'utf8' })) {
    if (!found.endsWith('.worker.ts')) continue;
    const file = path.join('src-main', found);
    const name = path.basename(file, '.ts');
    if (entries.has(name)) throw new Error(`Two workers are named ${name}; one of them is ${file}.`);
    entries.set(name, file);
  }
  return Object.fromEntries(entries);
}
