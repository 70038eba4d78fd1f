import { describe, expect, it } from 'vitest';
import type { Bridge } from '#shared/ipc/contract';
import { ApiError, call, errorValueOf, isCancelled } from './client.ts';

function bridgeThat(invoke: (callId: string) => Promise<unknown>): Bridge & { cancelled: string[] } {
  const cancelled: string[] = [];
  return {
    cancelled,
    invoke: ((_name: string, _input: unknown, callId: string) => invoke(callId)) as Bridge['invoke'],
    cancel: (callId) => void cancelled.push(callId),
    on: () => () => undefined,
  };
}

describe('a call to main', () => {
  it('resolves with the value', async () => {
    const bridge = bridgeThat(async () => ({ ok: true, value: true }));
    await expect(call('practice.available', undefined, { bridge })).resolves.toBe(true);
  });

  it('rejects with the error value of main', async () => {
    const error = { ...errorValueOf(new Error('x')), code: 'LOGIN_FAILED', message: 'Refused.' };
    const bridge = bridgeThat(async () => ({ ok: false, error }));
    const rejection = call('practice.available', undefined, { bridge });
    await expect(rejection).rejects.toBeInstanceOf(ApiError);
    await expect(rejection).rejects.toMatchObject({ value: { code: 'LOGIN_FAILED' }, message: 'Refused.' });
  });

  it('gives every call its own id', async () => {
    const ids: string[] = [];
    const bridge = bridgeThat(async (callId) => {
      ids.push(callId);
      return { ok: true, value: true };
    });
    await call('practice.available', undefined, { bridge });
    await call('practice.available', undefined, { bridge });
    expect(new Set(ids).size).toBe(2);
  });

  it('cancels the call in main when its signal aborts', async () => {
    let id = '';
    const bridge = bridgeThat((callId) => {
      id = callId;
      return new Promise(() => undefined);
    });
    const controller = new AbortController();
    const rejection = call('practice.available', undefined, { bridge, signal: controller.signal });
    controller.abort();
    await expect(rejection).rejects.toSatisfy(isCancelled);
    expect(bridge.cancelled).toEqual([id]);
  });

  it('does not reach main when its signal is already aborted', async () => {
    let count = 0;
    const bridge = bridgeThat(async () => {
      count += 1;
      return { ok: true, value: true };
    });
    await expect(call('practice.available', undefined, { bridge, signal: AbortSignal.abort() })).rejects.toSatisfy(
      isCancelled,
    );
    expect(count).toBe(0);
  });
});
