import type { CheckResult } from '#shared/model/check';

/** Replaces the check with the same id, or appends it: the order of first appearance stays. */
export function mergeCheck(checks: readonly CheckResult[], check: CheckResult): CheckResult[] {
  const at = checks.findIndex((known) => known.id === check.id);
  return at === -1 ? [...checks, check] : checks.with(at, check);
}
