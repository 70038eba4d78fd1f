import type { Page } from '@playwright/test';

export interface Answer {
  ok: boolean;
  value?: unknown;
  error?: { code: string; message: string };
}

/** Makes one of the window's own calls, through its bridge. */
export function askWindow(page: Page, name: string, input: unknown): Promise<Answer> {
  return page.evaluate(
    ({ called, given }) => {
      const { api } = window as unknown as {
        api: { invoke(name: string, input: unknown, id: string): Promise<Answer> };
      };
      return api.invoke(called, given, crypto.randomUUID());
    },
    { called: name, given: input },
  );
}

/** The value of the answer; rejects with the message of an error. */
export async function callWindow<Value>(page: Page, name: string, input: unknown): Promise<Value> {
  const { ok, value, error } = await askWindow(page, name, input);
  if (!ok) throw new Error(`${name}: ${error?.message ?? 'no message'}`);
  return value as Value;
}
