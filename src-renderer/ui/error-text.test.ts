import { expect, it } from 'vitest';
import { AppError, toErrorValue } from '#shared/errors/app-error';
import { errorText } from './error-text.ts';

it('holds what is known of an error, and leaves out what is not', () => {
  const facts = { table: 'S.T', detail: 'numeric value out of range' };
  const bare = toErrorValue(new AppError('TARGET_STATEMENT_FAILED', { facts }));
  expect(errorText(bare)).toBe(
    'Snowflake refused a statement (TARGET_STATEMENT_FAILED)\n\n' +
      'Snowflake refused a statement for S.T: numeric value out of range.\n\nRead the raw text and the query id in the details.',
  );
  const whole = errorText({ ...bare, queryId: '01b', raw: '100038', statement: 'COPY INTO T' });
  expect(whole).toMatch(/Query id: 01b\n\nRaw text:\n100038\n\nStatement:\nCOPY INTO T$/);
});
