import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildPolicies, POLICY_TEMPLATES } from './policies.ts';

interface Policy {
  Statement: { Action: string[]; Resource: string[] }[];
}

function template(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../resources/iam/${name}.json`, import.meta.url), 'utf8'));
}

describe('buildPolicies', () => {
  it('narrows the actions on objects to the path', () => {
    const policy = JSON.parse(buildPolicies('s3://my-bucket/migration/').unloadRole) as Policy;
    expect(policy).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'SnowferryUnloadFiles',
          Effect: 'Allow',
          Action: ['s3:PutObject', 's3:GetObject'],
          Resource: ['arn:aws:s3:::my-bucket/migration/*'],
        },
        {
          Sid: 'SnowferryUnloadBucket',
          Effect: 'Allow',
          Action: ['s3:GetBucketLocation', 's3:ListBucket'],
          Resource: ['arn:aws:s3:::my-bucket'],
        },
      ],
    });
  });

  it('lets the clean-up user delete, and has all actions of the vendor guide', () => {
    const policy = JSON.parse(buildPolicies('s3://my-bucket/').cleanUpUser) as Policy;
    expect(policy.Statement.flatMap((statement) => statement.Action).sort()).toEqual([
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      's3:PutObject',
    ]);
    expect(policy.Statement[0]?.Resource).toEqual(['arn:aws:s3:::my-bucket/*']);
  });

  it('keeps signs with a meaning in policies literal', () => {
    const policy = JSON.parse(buildPolicies('s3://my-bucket/a*b$&c/').unloadRole) as Policy;
    expect(policy.Statement[0]?.Resource).toEqual(['arn:aws:s3:::my-bucket/a${*}b${$}&c/*']);
  });

  it('is the same as the templates in resources/iam', () => {
    expect(template('unload-role-policy')).toEqual(POLICY_TEMPLATES.unloadRole);
    expect(template('clean-up-user-policy')).toEqual(POLICY_TEMPLATES.cleanUpUser);
  });
});
