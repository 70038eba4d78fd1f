import { expect, it } from 'vitest';
import { mendingStep } from './mending-step.ts';

it.each([
  ['TARGET_NOT_EMPTY', 'tables'],
  ['TARGET_COLUMNS_DIFFER', 'tables'],
  ['UNLOAD_TYPE_REFUSED', 'tables'],
  ['UNLOAD_ROLE_REFUSED', 'staging'],
  ['STAGE_NOT_COVERING', 'staging'],
  ['AWS_PERMISSION_DENIED', 'staging'],
  ['PRIVILEGE_MISSING', 'snowflake'],
])('an error %s is mended in the step %s', (code, step) => expect(mendingStep(code)).toBe(step));
