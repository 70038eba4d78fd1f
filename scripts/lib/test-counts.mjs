/**
 * @typedef {{ code: number, timedOut: boolean }} End how the test runner ended
 * @typedef {{ passed: number, failed: number, note?: string }} Counts
 */

/**
 * Counts from Vitest's JSON report. A file that could not be loaded has no tests in it and counts as one failure, as does an error
 * outside of any test.
 * @param {any} report null when the runner left none
 * @param {End} end
 * @returns {Counts}
 */
export function countVitest(report, end) {
  if (!report) return withoutReport(end);
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return settle({
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
    end,
  });
}

/**
 * Counts from Playwright's JSON report. Errors outside of tests (a story that does not compile) count as failures.
 * @param {any} report null when the runner left none
 * @param {End} end
 * @returns {Counts}
 */
export function countPlaywright(report, end) {
  if (!report) return withoutReport(end);
  const { expected, unexpected, flaky, skipped } = report.stats;
  return settle({ passed: expected + flaky, failed: unexpected + report.errors.length, skipped, end });
}

function settle({ passed, failed, skipped, end }) {
  const notes = [];
  if (skipped > 0) notes.push(`${skipped} did not run`);
  if (end.timedOut) notes.push('stopped: over the time limit');
  // The runner knows of something wrong that is in no test: an unhandled error, a failed clean-up.
  const unexplained = end.code !== 0 && failed === 0 && passed > 0 ? 1 : 0;
  if (unexplained && !end.timedOut) notes.push(`the runner ended with exit code ${end.code}`);
  return { passed, failed: failed + unexplained, ...(notes.length > 0 ? { note: notes.join(', ') } : {}) };
}

function withoutReport(end) {
  return {
    passed: 0,
    failed: 1,
    note: end.timedOut ? 'stopped: over the time limit' : `no report; the runner ended with exit code ${end.code}`,
  };
}
