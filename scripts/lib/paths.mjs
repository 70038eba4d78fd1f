import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const rootDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where set-up keeps what it makes once a machine: the user's cache folder, as the platform has it. */
export function cacheDir() {
  if (process.env.SNOWFERRY_CACHE_DIR) return path.resolve(process.env.SNOWFERRY_CACHE_DIR);
  if (process.platform === 'win32') {
    return path.join(process.env.LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local'), 'snowferry', 'cache');
  }
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'snowferry');
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'snowferry');
}
