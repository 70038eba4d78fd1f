import { spawn } from 'node:child_process';

/**
 * Starts a process whose stdout is collected and whose stderr is passed on. Its stdin is a pipe, so that it can notice when this
 * process is gone.
 * @param {{ command: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv, onStdout?: (text: string) => void }} options
 * @returns {{ ended: Promise<{ code: number, stdout: string }>, stop: () => Promise<void> }}
 *   `stop` asks it to end (stdin closed, SIGTERM) and after ten seconds makes it; it returns once the process is gone
 */
export function startProcess({ command, args, cwd, env, onStdout }) {
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    onStdout?.(stdout);
  });
  child.stderr.pipe(process.stderr, { end: false });
  let isOver = false;
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      isOver = true;
      resolve({ code: code ?? 1, stdout });
    });
  });
  return { ended, stop };

  async function stop() {
    if (isOver) return;
    child.stdin.end();
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended.catch(() => undefined);
    clearTimeout(timer);
  }
}
