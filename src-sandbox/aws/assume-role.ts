import type { AccessKey } from './iam.ts';
import { callQueryApi } from './query-client.ts';
import { childText, findElement } from './xml.ts';

export type AssumeRoleRequest = {
  /** Endpoint of the control plane. */
  endpoint: string;
  /** Long-term keys of a user or service, or temporary ones with their token (role chaining). */
  credentials: AccessKey & { sessionToken?: string };
  roleArn: string;
  sessionName: string;
  externalId?: string;
  region?: string;
};

export type AssumedRole = AccessKey & { sessionToken: string; expiresAt: Date };

/** STS AssumeRole over HTTP: how a stand-in in a process of its own comes to credentials. Throws QueryApiError with STS's code and text. */
export async function assumeRole(options: AssumeRoleRequest): Promise<AssumedRole> {
  const answer = await callQueryApi({
    endpoint: options.endpoint,
    credentials: options.credentials,
    service: 'sts',
    region: options.region ?? 'us-east-1',
    parameters: {
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: options.roleArn,
      RoleSessionName: options.sessionName,
      ...(options.externalId === undefined ? {} : { ExternalId: options.externalId }),
    },
  });
  const credentials = findElement(answer, 'Credentials');
  const value = (name: string) => (credentials && childText(credentials, name)) ?? '';
  return {
    accessKeyId: value('AccessKeyId'),
    secretAccessKey: value('SecretAccessKey'),
    sessionToken: value('SessionToken'),
    expiresAt: new Date(value('Expiration')),
  };
}
