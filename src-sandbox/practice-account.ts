import { createIam } from './aws/iam.ts';
import type { AccessKey, Iam, IamRole, IamUser } from './aws/iam.ts';
import {
  cleanUpUserPolicy,
  cleanUpUserPolicyWithoutDelete,
  bucketPolicy,
  policy,
  principalTrust,
  serviceTrust,
  unloadRolePolicy,
} from './aws/policy-presets.ts';
import type { PolicyDocument } from './aws/policy.ts';

export const PRACTICE_REGION = 'us-east-1';
export const PRACTICE_BUCKET = 'snowferry-practice';
/** In another region than the cluster: what UNLOAD needs REGION for. */
export const EUROPEAN_BUCKET = 'snowferry-practice-eu';
export const EUROPEAN_REGION = 'eu-west-1';
export const CLUSTER_IDENTIFIER = 'snowferry-practice';
export const WORKGROUP_NAME = 'snowferry-practice-serverless';
const ACCOUNT_ID = '111122223333';
/** The account that Snowflake's own IAM user lives in. */
const SNOWFLAKE_ACCOUNT_ID = '444455556666';

/** The AWS account of the practice environment: who there is, and what each may do. */
export type PracticeAccount = {
  iam: Iam;
  kmsKeyArn: string;
  users: {
    /** The second policy of the vendor's guide. */
    cleaner: IamUser;
    /** The same without the two delete permissions. */
    noDelete: IamUser;
    /** No permission at all. */
    noAccess: IamUser;
    /** May fetch temporary database credentials and describe the cluster and the workgroup. */
    database: IamUser;
    /** Snowflake's own user, which assumes the role of a storage integration. */
    snowflake: IamUser;
  };
  roles: {
    /** The first policy of the vendor's guide; associated with the cluster, and its default. */
    unload: IamRole;
    /** Associated, but may not put objects. */
    noPut: IamRole;
    /** Has the policy, but is not associated with the cluster. */
    notAssociated: IamRole;
    /** Associated, but its trust policy does not name Redshift. */
    noTrust: IamRole;
    /** Associated; may only assume `chainEnd`: for IAM_ROLE 'first,second'. */
    chainStart: IamRole;
    chainEnd: IamRole;
    /** Associated; the first policy and the practice KMS key. */
    unloadKms: IamRole;
    /** The role of the storage integration. */
    storage: IamRole;
  };
  /** ARNs of the roles that are associated with the cluster; the first is the default. */
  associatedRoleArns: string[];
};

export function createPracticeAccount(): PracticeAccount {
  const iam = createIam({ accountId: ACCOUNT_ID });
  const kmsKeyArn = `arn:aws:kms:${PRACTICE_REGION}:${ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
  const onBoth = (make: (bucket: string) => PolicyDocument) => [make(PRACTICE_BUCKET), make(EUROPEAN_BUCKET)];
  const redshift = serviceTrust('redshift.amazonaws.com');
  const kms = policy({ Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: kmsKeyArn });
  const users: PracticeAccount['users'] = {
    cleaner: iam.addUser({ name: 'snowferry', policies: onBoth(cleanUpUserPolicy) }),
    noDelete: iam.addUser({ name: 'snowferry-no-delete', policies: onBoth(cleanUpUserPolicyWithoutDelete) }),
    noAccess: iam.addUser({ name: 'snowferry-no-access' }),
    database: iam.addUser({ name: 'snowferry-database', policies: [databasePolicy()] }),
    snowflake: iam.addUser({
      name: 'snowflake-practice',
      accountId: SNOWFLAKE_ACCOUNT_ID,
      policies: [policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' })],
    }),
  };
  const unload = onBoth(unloadRolePolicy);
  const addRole = (name: string, trust: PolicyDocument, policies: PolicyDocument[]) =>
    iam.addRole({ name, trust, policies });
  const chainStart = addRole('snowferry-chain-start', redshift, []);
  const chainEnd = addRole('snowferry-chain-end', principalTrust(chainStart.arn), unload);
  iam.setRolePolicies(chainStart.arn, [policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: chainEnd.arn })]);
  const roles: PracticeAccount['roles'] = {
    unload: addRole('snowferry-unload', redshift, unload),
    noPut: addRole('snowferry-unload-no-put', redshift, onBoth(readOnlyPolicy)),
    notAssociated: addRole('snowferry-unload-not-associated', redshift, unload),
    noTrust: addRole('snowferry-unload-no-trust', serviceTrust('glue.amazonaws.com'), unload),
    chainStart,
    chainEnd,
    unloadKms: addRole('snowferry-unload-kms', redshift, [...unload, kms]),
    storage: addRole('snowferry-snowflake', principalTrust(users.snowflake.arn, 'not-set-yet'), [
      ...onBoth(storagePolicy),
      kms,
    ]),
  };
  const associated = [roles.unload, roles.noPut, roles.noTrust, roles.chainStart, roles.unloadKms];
  return { iam, kmsKeyArn, users, roles, associatedRoleArns: associated.map(({ arn }) => arn) };
}

/** What an administrator does after DESC INTEGRATION: https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration, step 5. */
export function trustSnowflake(account: PracticeAccount, externalId: string): void {
  account.iam.setTrust(account.roles.storage.arn, principalTrust(account.users.snowflake.arn, externalId));
}

export function toKeys({ accessKey }: IamUser): AccessKey {
  return { accessKeyId: accessKey.accessKeyId, secretAccessKey: accessKey.secretAccessKey };
}

function readOnlyPolicy(bucket: string): PolicyDocument {
  return bucketPolicy(bucket, ['s3:GetObject', 's3:GetBucketLocation', 's3:ListBucket']);
}

/** Step 1 of the same page: what a storage integration's role needs for loading and purging. */
function storagePolicy(bucket: string): PolicyDocument {
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

/** https://docs.aws.amazon.com/redshift/latest/mgmt/redshift-iam-access-control-identity-based.html */
function databasePolicy(): PolicyDocument {
  return policy({
    Effect: 'Allow',
    Action: [
      'redshift:DescribeClusters',
      'redshift:GetClusterCredentials',
      'redshift:GetClusterCredentialsWithIAM',
      'redshift:CreateClusterUser',
      'redshift-serverless:GetCredentials',
      'redshift-serverless:GetWorkgroup',
    ],
    Resource: '*',
  });
}
