import { formatCount } from '#shared/format/count';
import type { ValidationReport, ValidationResult } from '#shared/model/validation';
import type { StatusTone } from '../ui/status-badge.tsx';

/** How many results have each status. */
export function countByStatus(results: readonly ValidationResult[]): Record<ValidationResult['status'], number> {
  const counts = { pass: 0, warning: 0, fail: 0, error: 0, 'not-compared': 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}

/** What the comparison of row counts says, worst first, with what to do. */
export function validationSentence({ results }: Pick<ValidationReport, 'results'>): {
  tone: StatusTone;
  title: string;
  text: string;
} {
  const counts = countByStatus(results);
  if (counts.fail > 0) {
    return {
      tone: 'failed',
      title: `${tables(counts.fail)} ${counts.fail === 1 ? 'differs' : 'differ'}`,
      text: 'The row counts are not the same. Rows that were written or deleted on one side after the migration are a common cause; otherwise migrate these tables again.',
    };
  }
  if (counts.error > 0) {
    return {
      tone: 'failed',
      title: `${tables(counts.error)} could not be compared`,
      text: 'Open them to read what went wrong and what to do, then compare again.',
    };
  }
  const unsure = counts.warning + counts['not-compared'];
  if (unsure > 0) {
    return {
      tone: 'warning',
      title: `${tables(unsure)} ${unsure === 1 ? 'needs' : 'need'} a look`,
      text: 'They were not compared or carry a warning; the remark of each says why. All others are equal.',
    };
  }
  if (counts.pass === 0) {
    return { tone: 'warning', title: 'Nothing was compared', text: 'The run has no loaded table to compare.' };
  }
  return {
    tone: 'ok',
    title: 'All row counts agree',
    text: `Source and Snowflake hold the same number of rows in ${tables(counts.pass)}. The values in the rows are not compared.`,
  };
}

function tables(number: number): string {
  return `${formatCount(number)} ${number === 1 ? 'table' : 'tables'}`;
}
