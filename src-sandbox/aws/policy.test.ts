import { describe, expect, it } from 'vitest';
import { checkPolicyDocument, evaluatePolicies, evaluateTrust } from './policy.ts';
import type { PolicyDocument, PolicyStatement } from './policy.ts';
import { cleanUpUserPolicy, policy, principalTrust, serviceTrust, unloadRolePolicy } from './policy-presets.ts';

const allow = (
  Action: string | string[],
  Resource: string | string[],
  rest: Partial<PolicyStatement> = {},
): PolicyDocument => policy({ Effect: 'Allow', Action, Resource, ...rest });
const deny = (Action: string, Resource: string): PolicyDocument => policy({ Effect: 'Deny', Action, Resource });

describe('policy evaluation', () => {
  it.each([
    ['no statement', [], 'implicit-deny'],
    ['an exact match', [allow('s3:GetObject', 'arn:aws:s3:::b/k')], 'allow'],
    ['an action in another case', [allow('S3:getobject', '*')], 'allow'],
    ['a resource in another case', [allow('s3:GetObject', 'arn:aws:s3:::B/k')], 'implicit-deny'],
    ['a star in the action', [allow('s3:Get*', '*')], 'allow'],
    ['a star over slashes', [allow('s3:*', 'arn:aws:s3:::b*')], 'allow'],
    ['a question mark', [allow('s3:GetObject', 'arn:aws:s3:::?/k')], 'allow'],
    ['the bucket without its objects', [allow('s3:GetObject', 'arn:aws:s3:::b')], 'implicit-deny'],
    ['another action', [allow('s3:PutObject', '*')], 'implicit-deny'],
    ['a deny beside an allow', [allow('*', '*'), deny('s3:Get*', 'arn:aws:s3:::b/*')], 'explicit-deny'],
    ['a deny elsewhere', [allow('*', '*'), deny('s3:*', 'arn:aws:s3:::other/*')], 'allow'],
    ['NotAction of another', [policy({ Effect: 'Allow', NotAction: 's3:PutObject', Resource: '*' })], 'allow'],
    ['NotAction of this', [policy({ Effect: 'Allow', NotAction: 's3:Get*', Resource: '*' })], 'implicit-deny'],
    [
      'NotResource of this',
      [policy({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::b/*' })],
      'implicit-deny',
    ],
  ] as const)('with %s', (_name, policies, expected) => {
    expect(evaluatePolicies(policies, { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' })).toBe(expected);
  });

  it.each([
    [{ StringEquals: { 's3:prefix': 'home/' } }, { 's3:prefix': 'home/' }, 'allow'],
    [{ StringEquals: { 's3:prefix': 'home/' } }, { 's3:prefix': 'other/' }, 'implicit-deny'],
    [{ StringEquals: { 's3:prefix': 'home/' } }, {}, 'implicit-deny'],
    [{ StringEqualsIfExists: { 's3:prefix': 'home/' } }, {}, 'allow'],
    [{ StringLike: { 'S3:PREFIX': ['a*', 'home/*'] } }, { 's3:prefix': 'home/x' }, 'allow'],
    [{ Null: { 's3:prefix': 'true' } }, { 's3:prefix': 'x' }, 'implicit-deny'],
  ] as const)('under the condition %j with the context %j', (Condition, context, expected) => {
    const policies = [allow('s3:ListBucket', '*', { Condition: Condition as PolicyStatement['Condition'] })];
    expect(evaluatePolicies(policies, { action: 's3:ListBucket', resource: 'arn:aws:s3:::b', context })).toBe(expected);
  });

  it('puts the user name into a resource, and matches nothing without one', () => {
    const policies = [allow('s3:GetObject', 'arn:aws:s3:::b/${aws:username}/*')];
    const request = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/ada/k' };
    expect(evaluatePolicies(policies, { ...request, context: { 'aws:username': 'ada' } })).toBe('allow');
    expect(evaluatePolicies(policies, request)).toBe('implicit-deny');
  });

  it('allows what the two policies of the guide allow, and no more', () => {
    const decide = (document: PolicyDocument, action: string, resource: string) =>
      evaluatePolicies([document], { action, resource });
    const role = unloadRolePolicy('bucket');
    const user = cleanUpUserPolicy('bucket');
    expect(decide(role, 's3:PutObject', 'arn:aws:s3:::bucket/a/b')).toBe('allow');
    expect(decide(role, 's3:ListBucket', 'arn:aws:s3:::bucket')).toBe('allow');
    expect(decide(role, 's3:DeleteObject', 'arn:aws:s3:::bucket/a')).toBe('implicit-deny');
    expect(decide(user, 's3:DeleteObjectVersion', 'arn:aws:s3:::bucket/a')).toBe('allow');
    expect(decide(user, 's3:GetObject', 'arn:aws:s3:::bucket-two/a')).toBe('implicit-deny');
  });

  it('refuses documents that it could only misread', () => {
    const wrong =
      (statement: object, kind: 'identity' | 'trust' = 'identity') =>
      () =>
        checkPolicyDocument({ Version: '2012-10-17', Statement: statement as PolicyStatement }, kind);
    expect(wrong({ Effect: 'Allow', Action: '*', Resource: '*', Condition: { NumericEquals: { a: '1' } } })).toThrow(
      /NumericEquals/,
    );
    expect(wrong({ Effect: 'allow', Action: '*', Resource: '*' })).toThrow(/Effect/);
    expect(wrong({ Effect: 'Allow', Resource: '*' })).toThrow(/Action/);
    expect(wrong({ Effect: 'Allow', Action: '*' })).toThrow(/resources/);
    expect(wrong({ Effect: 'Allow', Action: '*', Resource: '*', Color: 'red' })).toThrow(/Color/);
    expect(wrong({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*', Principal: '*' }, 'trust')).toThrow(
      /Resource/,
    );
  });

  it('matches a pattern of many stars without running away', () => {
    const policies = [allow('s3:GetObject', `arn:aws:s3:::${'*a'.repeat(40)}b`)];
    const started = performance.now();
    expect(evaluatePolicies(policies, { action: 's3:GetObject', resource: `arn:aws:s3:::${'a'.repeat(5000)}` })).toBe(
      'implicit-deny',
    );
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('trust policies', () => {
  const ada = { kind: 'aws', arn: 'arn:aws:iam::1:user/ada', accountId: '1' } as const;
  const redshift = { kind: 'service', name: 'redshift.amazonaws.com' } as const;

  it.each([
    ['the service it names', serviceTrust('redshift.amazonaws.com'), redshift, {}, 'names-principal'],
    ['another service', serviceTrust('glue.amazonaws.com'), redshift, {}, 'deny'],
    ['the user it names', principalTrust(ada.arn), ada, {}, 'names-principal'],
    ['a user of the account it names', principalTrust('arn:aws:iam::1:root'), ada, {}, 'names-account'],
    ['a user of another account', principalTrust('arn:aws:iam::2:root'), ada, {}, 'deny'],
    ['the right external id', principalTrust(ada.arn, 'x'), ada, { 'sts:ExternalId': 'x' }, 'names-principal'],
    ['a wrong external id', principalTrust(ada.arn, 'x'), ada, { 'sts:ExternalId': 'y' }, 'deny'],
    ['no external id', principalTrust(ada.arn, 'x'), ada, {}, 'deny'],
  ] as const)('answers %s', (_name, trust, subject, context, expected) => {
    expect(evaluateTrust(trust, subject, context)).toBe(expected);
  });
});
