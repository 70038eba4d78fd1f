import type { BenchOptions } from './postgres-section.ts';
export async function runTdsSection(_options: BenchOptions): Promise<void> {
  await Promise.resolve();
}
