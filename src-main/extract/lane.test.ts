import { describe, expect, it } from 'vitest';
import { rememberSecret } from '../lib/redact.ts';
import type { ExtractRequest } from './extraction.ts';
import { startLane } from './lane.ts';
import type { LaneData } from './lane-messages.ts';

describe('a lane whose thread ends by an exception', () => {
  it('says what the exception was, without the secrets in it', async () => {
    rememberSecret('s3cret-of-a-lane');
    const code = `setTimeout(() => { throw new Error('cannot log in with s3cret-of-a-lane') }, 20)`;
    const worker = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const lane = startLane(worker, { lane: 0 } as LaneData);
    const failure: unknown = await lane
      .extract({} as ExtractRequest, '/nowhere', {
        signal: new AbortController().signal,
        onFile: () => Promise.resolve(),
      })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INTERNAL' });
    expect(String(failure)).toContain('cannot log in with ***');
    expect(JSON.stringify(failure)).not.toContain('s3cret-of-a-lane');
    expect(lane.isAlive()).toBe(false);
  });
});
