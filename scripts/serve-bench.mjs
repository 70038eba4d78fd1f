/**
 * Serves every page over a main process in memory, to look at states that servers rarely show: `node scripts/serve-bench.mjs [port]`, then
 * /dev/bench.html?project=ready#/projects/p1/migrate. What the address can ask for is in src-renderer/dev/bench-answers.ts.
 */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { createServer } from 'vite';

const server = await createServer({
  configFile: false,
  root: path.resolve(import.meta.dirname, '..', 'src-renderer'),
  plugins: [react()],
  server: { host: '127.0.0.1', port: Number(process.argv[2] ?? 0) },
});
await server.listen();
process.stdout.write(`${server.resolvedUrls?.local[0] ?? ''}dev/bench.html?project=ready\n`);
