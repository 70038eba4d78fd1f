import { randomBytes } from 'node:crypto';
import { checkPolicyDocument, evaluatePolicies, evaluateTrust } from './policy.ts';
import type { Decision, PolicyDocument, TrustSubject } from './policy.ts';

export type AccessKey = { accessKeyId: string; secretAccessKey: string };

export type IamUser = {
  name: string;
  accountId: string;
  arn: string;
  accessKey: AccessKey;
  policies: PolicyDocument[];
};

export type IamRole = {
  name: string;
  accountId: string;
  arn: string;
  roleId: string;
  policies: PolicyDocument[];
  trust: PolicyDocument;
  maxSessionSeconds: number;
};

/** Who a request was signed by. `arn` is what messages name and GetCallerIdentity answers. */
export type Principal =
  | { kind: 'user'; arn: string; accountId: string; userId: string; user: IamUser }
  | { kind: 'role-session'; arn: string; accountId: string; userId: string; role: IamRole; sessionName: string }
  | { kind: 'service'; arn: string; accountId: string; userId: string; name: string };

export type TemporaryCredentials = AccessKey & {
  sessionToken: string;
  expiresAt: Date;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>` */
  assumedRoleArn: string;
  assumedRoleId: string;
};

/** What an access key id stands for; `expiresAt` and `sessionToken` are null for long-term keys. */
export type Credential = {
  secretAccessKey: string;
  sessionToken: string | null;
  expiresAt: Date | null;
  principal: Principal;
};

export type AssumeRoleOptions = {
  /** A service name (`redshift.amazonaws.com`), the ARN of a user or role, or an authenticated principal. */
  principal: string | Principal;
  sessionName?: string;
  externalId?: string;
  /** 900 to the role's maximum; 3600 by default. */
  durationSeconds?: number;
};

export class IamError extends Error {
  readonly code: 'AccessDenied' | 'ValidationError';

  constructor(code: 'AccessDenied' | 'ValidationError', message: string) {
    super(message);
    this.name = 'IamError';
    this.code = code;
  }
}

export type Iam = {
  /** The account that owns what the stand-ins hold. */
  accountId: string;
  addUser(user: { name: string; accountId?: string; policies?: PolicyDocument[]; accessKey?: AccessKey }): IamUser;
  addRole(role: {
    name: string;
    trust: PolicyDocument;
    policies?: PolicyDocument[];
    maxSessionSeconds?: number;
  }): IamRole;
  /** Gives an AWS service its own signing key, so that a stand-in in another process can call STS as that service. */
  addService(name: string): AccessKey;
  user(name: string): IamUser;
  /** As an administrator edits it in the console; sessions that exist already stay. */
  setTrust(roleArn: string, trust: PolicyDocument): void;
  setRolePolicies(roleArn: string, policies: PolicyDocument[]): void;
  role(nameOrArn: string): IamRole | null;
  /** Null: InvalidAccessKeyId / InvalidClientTokenId. Expired credentials are still found; the caller compares `expiresAt`. */
  findCredential(accessKeyId: string): Credential | null;
  /** Throws IamError as STS would answer; a role that does not exist is AccessDenied too, as with STS. */
  assumeRole(roleArn: string, options: AssumeRoleOptions): TemporaryCredentials;
  authorize(principal: Principal, action: string, resource: string, context?: Record<string, string>): Decision;
  /** The sentence that AWS puts into an access-denied error. */
  denialMessage(principal: Principal, action: string, resource: string, decision: Decision): string;
};

/** Users, roles and their credentials in memory. `now` is in milliseconds and can be replaced in tests. */
export function createIam(options: { accountId: string; now?: () => number }): Iam {
  const now = options.now ?? Date.now;
  const users = new Map<string, IamUser>();
  const roles = new Map<string, IamRole>();
  const credentials = new Map<string, Credential>();

  const iam: Iam = {
    accountId: options.accountId,
    addUser({ name, accountId = options.accountId, policies = [], accessKey = newAccessKey('AKIA') }) {
      for (const policy of policies) checkPolicyDocument(policy, 'identity');
      const user: IamUser = { name, accountId, arn: `arn:aws:iam::${accountId}:user/${name}`, accessKey, policies };
      users.set(name, user);
      const principal: Principal = { kind: 'user', arn: user.arn, accountId, userId: newId('AIDA'), user };
      credentials.set(accessKey.accessKeyId, longTerm(accessKey.secretAccessKey, principal));
      return user;
    },
    addRole({ name, trust, policies = [], maxSessionSeconds = 3600 }) {
      for (const policy of policies) checkPolicyDocument(policy, 'identity');
      checkPolicyDocument(trust, 'trust');
      const accountId = options.accountId;
      const arn = `arn:aws:iam::${accountId}:role/${name}`;
      const role: IamRole = { name, accountId, arn, roleId: newId('AROA'), policies, trust, maxSessionSeconds };
      roles.set(arn, role);
      return role;
    },
    addService(name) {
      const accessKey = newAccessKey('AKIA');
      credentials.set(accessKey.accessKeyId, longTerm(accessKey.secretAccessKey, servicePrincipal(name)));
      return accessKey;
    },
    user(name) {
      const user = users.get(name);
      if (!user) throw new Error(`There is no user ${name} in the practice account`);
      return user;
    },
    setTrust(roleArn, trust) {
      checkPolicyDocument(trust, 'trust');
      requireRole(roleArn).trust = trust;
    },
    setRolePolicies(roleArn, policies) {
      for (const policy of policies) checkPolicyDocument(policy, 'identity');
      requireRole(roleArn).policies = policies;
    },
    role: (nameOrArn) =>
      roles.get(nameOrArn) ?? roles.get(`arn:aws:iam::${options.accountId}:role/${nameOrArn}`) ?? null,
    findCredential: (accessKeyId) => credentials.get(accessKeyId) ?? null,
    assumeRole(roleArn, request) {
      const caller = typeof request.principal === 'string' ? resolvePrincipal(request.principal) : request.principal;
      const role = requireAssumable(roleArn, caller, request.externalId);
      const durationSeconds = request.durationSeconds ?? 3600;
      if (durationSeconds < 900 || durationSeconds > role.maxSessionSeconds) {
        throw new IamError(
          'ValidationError',
          `The requested DurationSeconds exceeds the MaxSessionDuration set for this role.`,
        );
      }
      const session = newSession(role, request.sessionName ?? 'session', now() + durationSeconds * 1000);
      credentials.set(session.credentials.accessKeyId, {
        secretAccessKey: session.credentials.secretAccessKey,
        sessionToken: session.credentials.sessionToken,
        expiresAt: session.credentials.expiresAt,
        principal: session.principal,
      });
      return session.credentials;
    },
    authorize(principal, action, resource, context = {}) {
      if (principal.kind === 'service') return 'implicit-deny';
      const policies = principal.kind === 'user' ? principal.user.policies : principal.role.policies;
      return evaluatePolicies(policies, { action, resource, context: { ...principalContext(principal), ...context } });
    },
    denialMessage: toDenialMessage,
  };
  return iam;

  function requireRole(roleArn: string): IamRole {
    const role = roles.get(roleArn);
    if (!role) throw new Error(`There is no role ${roleArn} in the practice account`);
    return role;
  }

  function resolvePrincipal(name: string): Principal {
    if (!name.startsWith('arn:')) return servicePrincipal(name);
    for (const credential of credentials.values()) if (credential.principal.arn === name) return credential.principal;
    const role = roles.get(name);
    if (role) return newSession(role, 'session', now()).principal;
    throw new IamError('AccessDenied', `User: ${name} is not authorized to perform: sts:AssumeRole`);
  }

  function requireAssumable(roleArn: string, caller: Principal, externalId: string | undefined): IamRole {
    const role = roles.get(roleArn);
    const denied = new IamError(
      'AccessDenied',
      `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    );
    if (!role) throw denied;
    const context: Record<string, string> = {
      ...principalContext(caller),
      ...(externalId === undefined ? {} : { 'sts:ExternalId': externalId }),
    };
    const trust = evaluateTrust(role.trust, trustSubject(caller), context);
    if (trust === 'deny') throw denied;
    if (caller.kind === 'service') return role;
    const identity = iam.authorize(caller, 'sts:AssumeRole', roleArn, context);
    const needsIdentityPolicy = trust === 'names-account' || caller.accountId !== role.accountId;
    if (identity === 'explicit-deny' || (needsIdentityPolicy && identity !== 'allow')) throw denied;
    return role;
  }
}

function trustSubject(caller: Principal): TrustSubject {
  if (caller.kind === 'service') return { kind: 'service', name: caller.name };
  // A trust policy names the role, not one of its sessions.
  const arn = caller.kind === 'role-session' ? caller.role.arn : caller.arn;
  return { kind: 'aws', arn, accountId: caller.accountId };
}

function newSession(role: IamRole, sessionName: string, expiresAtMs: number) {
  const assumedRoleArn = `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${sessionName}`;
  const assumedRoleId = `${role.roleId}:${sessionName}`;
  const principal: Principal = {
    kind: 'role-session',
    arn: assumedRoleArn,
    accountId: role.accountId,
    userId: assumedRoleId,
    role,
    sessionName,
  };
  const credentials: TemporaryCredentials = {
    ...newAccessKey('ASIA'),
    sessionToken: randomBytes(270).toString('base64'),
    expiresAt: new Date(expiresAtMs),
    assumedRoleArn,
    assumedRoleId,
  };
  return { principal, credentials };
}

function servicePrincipal(name: string): Principal {
  return { kind: 'service', arn: name, accountId: '', userId: name, name };
}

function principalContext(principal: Principal): Record<string, string> {
  const context: Record<string, string> = {
    'aws:PrincipalArn': principal.kind === 'role-session' ? principal.role.arn : principal.arn,
    'aws:PrincipalAccount': principal.accountId,
    'aws:userid': principal.userId,
    'aws:SecureTransport': 'false',
  };
  if (principal.kind === 'user') context['aws:username'] = principal.user.name;
  return context;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function toDenialMessage(principal: Principal, action: string, resource: string, decision: Decision): string {
  const reason =
    decision === 'explicit-deny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}

function longTerm(secretAccessKey: string, principal: Principal): Credential {
  return { secretAccessKey, sessionToken: null, expiresAt: null, principal };
}

function newAccessKey(prefix: 'AKIA' | 'ASIA'): AccessKey {
  return { accessKeyId: newId(prefix), secretAccessKey: randomBytes(30).toString('base64') };
}

/** AWS ids: a four-letter prefix and sixteen characters of base 32. */
function newId(prefix: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('');
}
