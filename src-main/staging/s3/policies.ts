import { parseS3Uri } from './parse-s3-uri.ts';

interface PolicyStatement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: string[];
}

interface Policy {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}

/**
 * The two policies of the data migration guide (https://docs.snowflake.com/en/migrations/snowconvert-docs/general/user-guide/data-migration), with the actions
 * on objects narrowed to the path of the S3 URI. ListBucket is not narrowed by a condition: it is also what a HEAD of the bucket needs.
 * The same text, with `<bucket>` and `<path>`, is in resources/iam.
 */
export const POLICY_TEMPLATES: { unloadRole: Policy; cleanUpUser: Policy } = {
  unloadRole: policy('SnowferryUnload', ['s3:PutObject', 's3:GetObject'], ['s3:GetBucketLocation', 's3:ListBucket']),
  cleanUpUser: policy(
    'SnowferryCleanUp',
    ['s3:PutObject', 's3:GetObject', 's3:GetObjectVersion', 's3:DeleteObject', 's3:DeleteObjectVersion'],
    ['s3:ListBucket', 's3:GetBucketLocation'],
  ),
};

/** Both policies filled in for `s3://bucket/path/`, as indented JSON ready to copy. Throws S3_URI_INVALID. */
export function buildPolicies(s3Uri: string): { unloadRole: string; cleanUpUser: string } {
  const { bucket, prefix } = parseS3Uri(s3Uri);
  const fill = (template: Policy): string => {
    const Statement = template.Statement.map((statement) => ({
      ...statement,
      Resource: statement.Resource.map((arn) =>
        arn.replace('<bucket>', () => bucket).replace('<path>', () => literalPath(prefix)),
      ),
    }));
    return JSON.stringify({ ...template, Statement }, null, 2);
  };
  return { unloadRole: fill(POLICY_TEMPLATES.unloadRole), cleanUpUser: fill(POLICY_TEMPLATES.cleanUpUser) };
}

/** `*`, `?` and `$` have a meaning in a resource: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
function literalPath(prefix: string): string {
  return prefix.replace(/[*?$]/g, (character) => `\${${character}}`);
}

function policy(sid: string, objectActions: string[], bucketActions: string[]): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: `${sid}Files`, Effect: 'Allow', Action: objectActions, Resource: ['arn:aws:s3:::<bucket>/<path>*'] },
      { Sid: `${sid}Bucket`, Effect: 'Allow', Action: bucketActions, Resource: ['arn:aws:s3:::<bucket>'] },
    ],
  };
}
