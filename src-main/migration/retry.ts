const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/** How long to wait after the n-th failure: growing, and spread so that what failed together does not come back together. */
export function backOffMs(failures: number, random: () => number = Math.random): number {
  return Math.round(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.5 + random() / 2));
}
