import type { CheckResult } from '#shared/model/check';

/** One sentence on a list of checks: "5 of 8 checks finished, 1 failed, 2 warnings." Empty for an empty list. */
export function checkSummary(checks: readonly CheckResult[]): string {
  if (checks.length === 0) return '';
  const count = (state: CheckResult['state']) => checks.filter((check) => check.state === state).length;
  const finished = checks.length - count('waiting') - count('running');
  const failed = count('failed');
  const warnings = count('warning');
  const start =
    finished === checks.length
      ? failed === 0 && warnings === 0
        ? 'All checks passed'
        : 'All checks finished'
      : `${finished} of ${checks.length} checks finished`;
  const parts = [start];
  if (failed > 0) parts.push(`${failed} failed`);
  if (warnings > 0) parts.push(warnings === 1 ? '1 warning' : `${warnings} warnings`);
  return `${parts.join(', ')}.`;
}
