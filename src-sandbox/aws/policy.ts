/** An IAM policy document: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export type PolicyDocument = { Version: '2012-10-17'; Id?: string; Statement: PolicyStatement | PolicyStatement[] };

export type PolicyStatement = {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
  /** Trust policies only. */
  Principal?: '*' | Partial<Record<'AWS' | 'Service' | 'Federated', string | string[]>>;
};

/** `explicit-deny` wins over everything; `implicit-deny` means that no statement allows it. */
export type Decision = 'allow' | 'explicit-deny' | 'implicit-deny';

export type PolicyRequest = {
  action: string;
  resource: string;
  /** Condition keys (`aws:username`, `s3:prefix`, `sts:ExternalId`) to values; compared without regard to the case of the key. */
  context?: Record<string, string>;
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, identity-based policies only. */
export function evaluatePolicies(policies: readonly PolicyDocument[], request: PolicyRequest): Decision {
  let isAllowed = false;
  for (const statement of policies.flatMap(statementsOf)) {
    if (!matchesAction(statement, request.action) || !matchesResource(statement, request)) continue;
    if (!matchesConditions(statement, request.context ?? {})) continue;
    if (statement.Effect === 'Deny') return 'explicit-deny';
    isAllowed = true;
  }
  return isAllowed ? 'allow' : 'implicit-deny';
}

/** Who asks to assume a role: the ARN of a user or role (with its account), or the name of a service. */
export type TrustSubject = { kind: 'aws'; arn: string; accountId: string } | { kind: 'service'; name: string };

/**
 * How a trust policy answers: `names-principal` (enough by itself within one account), `names-account`
 * (the caller's own policies must allow sts:AssumeRole too), or `deny`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function evaluateTrust(
  trust: PolicyDocument,
  subject: TrustSubject,
  context: Record<string, string>,
): 'names-principal' | 'names-account' | 'deny' {
  let result: 'names-principal' | 'names-account' | 'deny' = 'deny';
  for (const statement of statementsOf(trust)) {
    if (!matchesAction(statement, 'sts:AssumeRole') || !matchesConditions(statement, context)) continue;
    const match = matchPrincipal(statement.Principal, subject);
    if (match === 'none') continue;
    if (statement.Effect === 'Deny') return 'deny';
    if (match === 'principal') result = 'names-principal';
    else if (result === 'deny') result = 'names-account';
  }
  return result;
}

/** Refuses what this evaluator does not know, so that a policy is never silently read as something else. */
export function checkPolicyDocument(policy: PolicyDocument, kind: 'identity' | 'trust'): void {
  if (policy.Version !== '2012-10-17')
    throw new Error(`MalformedPolicyDocument: Version ${String(policy.Version)} is not supported here`);
  for (const statement of statementsOf(policy)) {
    const known = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition', 'Principal'];
    const unknown = Object.keys(statement).find((name) => !known.includes(name));
    if (unknown) throw new Error(`MalformedPolicyDocument: statement element ${unknown} is not known`);
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')
      throw new Error('MalformedPolicyDocument: Effect must be Allow or Deny');
    if ((statement.Action === undefined) === (statement.NotAction === undefined)) {
      throw new Error('MalformedPolicyDocument: a statement has either Action or NotAction');
    }
    const hasResource = statement.Resource !== undefined || statement.NotResource !== undefined;
    if (kind === 'identity' && !hasResource)
      throw new Error('MalformedPolicyDocument: Policy statement must contain resources.');
    if (kind === 'identity' && statement.Principal)
      throw new Error('MalformedPolicyDocument: Policy document should not specify a principal.');
    if (kind === 'trust' && hasResource) throw new Error('MalformedPolicyDocument: Has prohibited field Resource');
    for (const operator of Object.keys(statement.Condition ?? {})) conditionTest(operator);
  }
}

function statementsOf(policy: PolicyDocument): PolicyStatement[] {
  return toList(policy.Statement);
}

function matchesAction(statement: PolicyStatement, action: string): boolean {
  const wanted = action.toLowerCase();
  const matches = (patterns: string | string[]) =>
    toList(patterns).some((p) => matchesPattern(p.toLowerCase(), wanted));
  return statement.Action !== undefined ? matches(statement.Action) : !matches(statement.NotAction ?? []);
}

function matchesResource(statement: PolicyStatement, request: PolicyRequest): boolean {
  const matches = (patterns: string | string[]) =>
    toList(patterns).some((p) => matchesPattern(withVariables(p, request.context ?? {}), request.resource));
  return statement.Resource !== undefined ? matches(statement.Resource) : !matches(statement.NotResource ?? []);
}

function withVariables(pattern: string, context: Record<string, string>): string {
  return pattern.replace(/\$\{([^}]+)\}/g, (_whole, name: string) => {
    const value = contextValue(context, name);
    // A variable without a value must match nothing: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    return value ?? '\u0000';
  });
}

function matchesConditions(statement: PolicyStatement, context: Record<string, string>): boolean {
  return Object.entries(statement.Condition ?? {}).every(([operator, tests]) =>
    Object.entries(tests).every(([key, expected]) =>
      conditionTest(operator)(contextValue(context, key), toList(expected)),
    ),
  );
}

type ConditionTest = (actual: string | undefined, expected: string[]) => boolean;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function conditionTest(operator: string): ConditionTest {
  const isIfExists = operator.endsWith('IfExists');
  const base = isIfExists ? operator.slice(0, -'IfExists'.length) : operator;
  const tests: Record<string, ConditionTest> = {
    StringEquals: (actual, expected) => actual !== undefined && expected.includes(actual),
    StringNotEquals: (actual, expected) => actual === undefined || !expected.includes(actual),
    StringLike: (actual, expected) => actual !== undefined && expected.some((p) => matchesPattern(p, actual)),
    StringNotLike: (actual, expected) => actual === undefined || !expected.some((p) => matchesPattern(p, actual)),
    ArnEquals: (actual, expected) => actual !== undefined && expected.some((p) => matchesPattern(p, actual)),
    ArnLike: (actual, expected) => actual !== undefined && expected.some((p) => matchesPattern(p, actual)),
    Bool: (actual, expected) => actual !== undefined && expected.some((e) => String(e).toLowerCase() === actual),
    Null: (actual, expected) => expected.some((e) => (String(e) === 'true') === (actual === undefined)),
  };
  const test = tests[base];
  if (!test) throw new Error(`MalformedPolicyDocument: condition operator ${operator} is not known here`);
  return isIfExists ? (actual, expected) => actual === undefined || test(actual, expected) : test;
}

function contextValue(context: Record<string, string>, key: string): string | undefined {
  const wanted = key.toLowerCase();
  return Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function matchPrincipal(
  principal: PolicyStatement['Principal'],
  subject: TrustSubject,
): 'principal' | 'account' | 'none' {
  if (principal === undefined) return 'none';
  if (principal === '*') return 'principal';
  if (subject.kind === 'service') return toList(principal.Service ?? []).includes(subject.name) ? 'principal' : 'none';
  const named = toList(principal.AWS ?? []);
  if (named.includes(subject.arn) || named.includes('*')) return 'principal';
  const isAccount = named.includes(subject.accountId) || named.includes(`arn:aws:iam::${subject.accountId}:root`);
  return isAccount ? 'account' : 'none';
}

/** `*` is any run of characters, `?` exactly one; everything else is literal. Linear in practice: greedy with one backtrack point. */
function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      starAt = p++;
      resumeAt = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++resumeAt;
    } else return false;
  }
  while (p < pattern.length && pattern[p] === '*') p++;
  return p === pattern.length;
}

function toList<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}
