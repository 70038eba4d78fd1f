import { expect, it } from 'vitest';
import { AppError, toErrorValue } from '#shared/errors/app-error';
import { snowflakeSettingsSchema } from '#shared/model/connection-settings';
import { wantedSecrets } from './wanted-secrets.ts';

const snowflake = snowflakeSettingsSchema.parse({
  account: 'a',
  user: 'u',
  warehouse: 'w',
  auth: { kind: 'access-token' },
});
const project = { source: null, snowflake, staging: null, strategy: 'regular' as const };
const error = (code: 'SECRET_MISSING' | 'LOGIN_FAILED') => toErrorValue(new AppError(code));

it.each([
  [{ secrets: ['source.password'], error: error('LOGIN_FAILED') }, {}, ['source.password']],
  [{ secrets: [], error: error('LOGIN_FAILED') }, {}, []],
  [{ secrets: [], error: error('SECRET_MISSING') }, {}, ['snowflake.token']],
  [{ secrets: ['snowflake.token'], error: error('SECRET_MISSING') }, {}, ['snowflake.token']],
  [{ secrets: [], error: error('SECRET_MISSING') }, { 'snowflake.token': true }, []],
  [{ secrets: [], error: error('SECRET_MISSING') }, undefined, []],
] as const)('%#', (pause, isSet, slots) => {
  expect(wantedSecrets({ ...pause, secrets: [...pause.secrets] }, project, isSet)).toEqual(slots);
});
