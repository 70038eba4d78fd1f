import { createInterface } from 'node:readline';
import type { FaultPlan } from './faults.ts';
import { isPipe } from './watch-end.ts';

/** Calls `onLine` for every line of JSON on standard input when that is a pipe; what is wrong with a line goes to the log. */
export function onControlLine(onLine: (control: { faults: FaultPlan }) => void, log: (line: string) => void): void {
  if (!isPipe(0)) return;
  createInterface({ input: process.stdin }).on('line', (line) => {
    try {
      onLine(JSON.parse(line) as { faults: FaultPlan });
    } catch (error) {
      log(`A line on standard input was not understood: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}
