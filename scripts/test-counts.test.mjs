import { describe, expect, it } from 'vitest';
import { countPlaywright, countVitest } from './lib/test-counts.mjs';

const well = { code: 0, timedOut: false };
const badly = { code: 1, timedOut: false };

function vitestReport({ passed = 0, failed = 0, pending = 0, files = [] }) {
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
    testResults: files,
  };
}

describe('countVitest', () => {
  it('counts passed and failed tests', () => {
    const files = [{ status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }];
    expect(countVitest(vitestReport({ passed: 7, failed: 1, files }), badly)).toEqual({ passed: 7, failed: 1 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const files = [{ status: 'failed', assertionResults: [] }];
    expect(countVitest(vitestReport({ passed: 7, files }), badly)).toEqual({ passed: 7, failed: 1 });
  });

  it('does not take an error outside of all tests for success', () => {
    expect(countVitest(vitestReport({ passed: 7 }), badly)).toMatchObject({ passed: 7, failed: 1 });
  });

  it('fails when the runner left no report', () => {
    expect(countVitest(null, well)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('names tests that did not run', () => {
    expect(countVitest(vitestReport({ passed: 1, pending: 2 }), well).note).toBe('2 did not run');
  });
});

describe('countPlaywright', () => {
  const report = (stats, errors = []) => ({
    stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats },
    errors,
  });

  it('counts passed and failed stories', () => {
    expect(countPlaywright(report({ expected: 3, unexpected: 2 }), badly)).toEqual({ passed: 3, failed: 2 });
  });

  it('counts a story file that does not compile', () => {
    expect(countPlaywright(report({}, [{ message: 'SyntaxError' }]), badly)).toEqual({ passed: 0, failed: 1 });
  });

  it('says when the time limit ended it', () => {
    expect(countPlaywright(null, { code: 137, timedOut: true }).note).toBe('stopped: over the time limit');
  });
});
