import { spawn } from 'node:child_process';

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, echo?: boolean, stdin?: 'ignore' | 'inherit', shell?: boolean }} [options]
 *   `echo` copies both streams to stderr while they are collected; on timeout the command is killed
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, stdout: string, stderr: string, timedOut: boolean, error: Error | null }>}
 *   `error` is set when the command could not be started
 */
export function runCommand(command, args, { cwd, env, timeoutMs, echo = false, stdin = 'ignore', shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: [stdin, 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    let startError = null;
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs)
      : null;
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text) => {
        output[name] += text;
        if (echo) process.stderr.write(text);
      });
    }
    child.on('error', (error) => {
      startError = error;
    });
    child.on('close', (code, signal) => {
      if (timer) clearTimeout(timer);
      resolve({ code: startError ? null : code, signal, ...output, timedOut, error: startError });
    });
  });
}

/** Runs npm, the one that started this script when there is one. */
export function runNpm(args, options = {}) {
  const script = process.env.npm_execpath;
  if (script && /\.[cm]?js$/.test(script) && /npm-cli/.test(script)) {
    return runCommand(process.execPath, [script, ...args], options);
  }
  const isWindows = process.platform === 'win32';
  return runCommand(isWindows ? 'npm.cmd' : 'npm', args, { ...options, shell: isWindows });
}

/**
 * Runs a command on this terminal, passing on interrupts, and tells how it ended as a shell would.
 * @returns {Promise<number>} the exit code; 128 + n for signal n
 */
export function runInForeground(command, args, { cwd, env, stdio = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const settle = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      settle();
      resolve(code ?? 128 + (signalNumbers[signal] ?? 1));
    });
  });
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/**
 * Runs a command on this terminal, in a process group of its own, and ends the whole group when the time is up or this script is asked
 * to stop: test runners start browsers and servers, and none of them may stay behind.
 * @returns {Promise<{ code: number, timedOut: boolean }>}
 */
export function runWithLimit(command, args, { cwd, env, limitMs }) {
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === 'win32';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: !isWindows });
    let timedOut = false;
    const endGroup = (signal) => {
      try {
        if (isWindows) child.kill(signal);
        else process.kill(-child.pid, signal);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup('SIGKILL');
    }, limitMs);
    const stop = (signal) => {
      endGroup(signal);
      process.exitCode = 128 + signalNumbers[signal];
      process.exit();
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.once(signal, stop);
    const settle = () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, stop);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      settle();
      resolve({ code: code ?? 128 + (signalNumbers[signal] ?? 1), timedOut });
    });
  });
}
