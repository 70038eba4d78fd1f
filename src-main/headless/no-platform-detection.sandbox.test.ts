import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ensureBuild } from './testing/practice-commands.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

// The Snowflake driver would ask AWS STS who this machine is, with whatever credentials it finds, as soon as it is loaded.
it('the built command line does not ask a cloud who this machine is, and says nothing that is not its own', async () => {
  await ensureBuild();
  const asked: string[] = [];
  const cloud = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  const endpoint = `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAPRACTICE',
    AWS_SECRET_ACCESS_KEY: 'practice',
  };
  try {
    await run(process.execPath, ['-e', `fetch('${endpoint}/reachable')`], { env });
    const { stdout, stderr } = await run(process.execPath, ['out/main/cli.js', '--help'], { cwd: ROOT, env });
    expect(asked).toEqual(['GET /reachable']);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/Warning/);
  } finally {
    cloud.close();
  }
});
