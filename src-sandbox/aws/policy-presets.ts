import type { PolicyDocument, PolicyStatement } from './policy.ts';

/**
 * "IAM role for Redshift" of the vendor's guide: may unload into the bucket, may not delete from it.
 * https://docs.snowflake.com/en/migrations/snowconvert-docs/general/user-guide/data-migration
 */
export function unloadRolePolicy(bucket: string): PolicyDocument {
  return bucketPolicy(bucket, ['s3:PutObject', 's3:GetObject', 's3:GetBucketLocation', 's3:ListBucket']);
}

/** "IAM user for S3 access" of the same page: reads and deletes the unloaded files. */
export function cleanUpUserPolicy(bucket: string): PolicyDocument {
  return bucketPolicy(bucket, [
    's3:PutObject',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:DeleteObject',
    's3:DeleteObjectVersion',
    's3:ListBucket',
    's3:GetBucketLocation',
  ]);
}

/** The second policy without the two delete permissions: the case that page warns of. */
export function cleanUpUserPolicyWithoutDelete(bucket: string): PolicyDocument {
  return bucketPolicy(bucket, [
    's3:PutObject',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:ListBucket',
    's3:GetBucketLocation',
  ]);
}

/** An allow statement for one bucket and its objects. */
export function bucketPolicy(bucket: string, actions: string[]): PolicyDocument {
  return policy({
    Effect: 'Allow',
    Action: actions,
    Resource: [`arn:aws:s3:::${bucket}/*`, `arn:aws:s3:::${bucket}`],
  });
}

export function policy(...statements: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

/** Lets an AWS service assume the role. */
export function serviceTrust(service: string): PolicyDocument {
  return policy({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
}

/** Lets one user or role assume the role, with an external id when one is given. */
export function principalTrust(arn: string, externalId?: string): PolicyDocument {
  return policy({
    Effect: 'Allow',
    Principal: { AWS: arn },
    Action: 'sts:AssumeRole',
    ...(externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
  });
}
