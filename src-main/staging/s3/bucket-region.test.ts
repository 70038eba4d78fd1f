import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { detectBucketRegion } from './bucket-region.ts';

const { signal } = new AbortController();
const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

async function startS3(answer: (response: ServerResponse) => void): Promise<{ endpoint: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? 'unsigned'}`);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

describe('detectBucketRegion', () => {
  it.each([200, 301, 403])('reads the header of an answer %s to an unsigned HEAD', async (status) => {
    const { endpoint, requests } = await startS3((response) =>
      response.writeHead(status, { 'x-amz-bucket-region': 'eu-west-1' }).end(),
    );
    expect(await detectBucketRegion({ bucket: 'my.bucket', endpoint: `${endpoint}/`, signal })).toBe('eu-west-1');
    expect(requests).toEqual(['HEAD /my.bucket unsigned']);
  });

  it('says that there is no such bucket', async () => {
    const { endpoint } = await startS3((response) => response.writeHead(404).end());
    await expect(detectBucketRegion({ bucket: 'b', endpoint, signal })).rejects.toMatchObject({
      code: 'S3_BUCKET_NOT_FOUND',
    });
  });

  it('does not guess when the answer names no region', async () => {
    const { endpoint } = await startS3((response) => response.writeHead(403).end());
    await expect(detectBucketRegion({ bucket: 'b', endpoint, signal })).rejects.toMatchObject({
      code: 'S3_ACCESS_DENIED',
    });
  });

  it('names the host that does not answer', async () => {
    const { endpoint } = await startS3((response) => response.end());
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    await expect(detectBucketRegion({ bucket: 'b', endpoint, signal })).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      facts: { host: '127.0.0.1' },
    });
  });

  it('rejects with an AbortError when cancelled', async () => {
    const controller = new AbortController();
    const { endpoint } = await startS3(() => controller.abort());
    await expect(detectBucketRegion({ bucket: 'b', endpoint, signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    servers[0]?.closeAllConnections();
  });
});
