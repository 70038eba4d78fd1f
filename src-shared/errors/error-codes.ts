/**
 * The only home of error prose. `message` says what happened and where, `advice` what to do; `{name}` is filled from the error's facts.
 * `retry`: `automatic` may succeed when repeated as it is; `user` needs a change by the user first; `never` will fail again.
 */
interface ErrorCodeEntry {
  title: string;
  message: string;
  advice: string;
  retry: 'automatic' | 'user' | 'never';
}

export const ERROR_CODES = {
  // Reaching a server
  HOST_NOT_FOUND: {
    title: 'The host name is not known',
    message: 'The name {host} could not be resolved.',
    advice:
      'Check the spelling of the host. A private endpoint is only known inside its network: connect the VPN, or use the address that this network knows.',
    retry: 'user',
  },
  CONNECTION_REFUSED: {
    title: 'Nothing answers on this port',
    message: '{host}:{port} refused the connection.',
    advice:
      'Check host and port, that the server is running, and that its firewall or security group lets this machine in.',
    retry: 'automatic',
  },
  CONNECTION_TIMED_OUT: {
    title: 'The server did not answer in time',
    message: '{host}:{port} did not answer within {seconds} seconds.',
    advice:
      'A firewall or security group that drops packets looks like this. Check that inbound traffic from this machine is allowed, and that the cluster is publicly accessible or reachable through the VPN.',
    retry: 'automatic',
  },
  CONNECTION_LOST: {
    title: 'The connection was lost',
    message: 'The connection to {host} ended while it was in use.',
    advice:
      'The work goes on with a new connection. If this repeats, check the network between this machine and the server.',
    retry: 'automatic',
  },
  TLS_NOT_SUPPORTED: {
    title: 'The server does not offer TLS',
    message: '{host} does not accept encrypted connections.',
    advice: 'Choose the TLS mode "disable" only in a network that you trust, or turn TLS on at the server.',
    retry: 'user',
  },
  TLS_REQUIRED: {
    title: 'The server requires TLS',
    message: '{host} accepts encrypted connections only.',
    advice: 'Choose the TLS mode "verify-full" or "require"; for SQL Server turn encryption on.',
    retry: 'user',
  },
  TLS_NOT_TRUSTED: {
    title: "The server's certificate is not trusted",
    message: 'The certificate of {host} could not be verified: {detail}. Subject: {subject}. Issuer: {issuer}.',
    advice:
      'Give the CA certificate that signed it. The TLS mode "require" (SQL Server: trust the server certificate) encrypts too, but does not verify the server\'s identity.',
    retry: 'user',
  },
  TLS_HOST_MISMATCH: {
    title: 'The certificate belongs to another host',
    message: 'The certificate that {host} shows is made out for {subject}.',
    advice:
      'Use the host name that the certificate names, or choose the TLS mode "verify-ca" (SQL Server: give the name of the certificate).',
    retry: 'user',
  },
  LOGIN_FAILED: {
    title: 'The login was refused',
    message: '{server} refused the login of {user}.',
    advice:
      'Check user name and password, and the domain of a domain account. User and password are case-sensitive in most systems.',
    retry: 'user',
  },
  MFA_REQUIRED: {
    title: 'A second factor is needed',
    message: '{server} asks for a multi-factor passcode for {user}.',
    advice:
      'Enter the current passcode of the authenticator app, or sign in with a key pair or a programmatic access token.',
    retry: 'user',
  },
  TOKEN_INVALID: {
    title: 'The token was refused',
    message: '{server} refused the token of {user}: {detail}.',
    advice:
      'Check that the token is complete, not expired and made for this user, and that a network policy allows this machine.',
    retry: 'user',
  },
  KEY_INVALID: {
    title: 'The private key cannot be used',
    message: 'The private key could not be read: {detail}.',
    advice: 'Give an RSA private key in PEM form (PKCS#8 or PKCS#1), and its passphrase when it is encrypted.',
    retry: 'user',
  },
  KEY_REFUSED: {
    title: 'The key pair was refused',
    message: '{server} refused the key pair of {user}.',
    advice:
      "Check that the public key is set on the user (ALTER USER ... SET RSA_PUBLIC_KEY), that account and user are spelled right, and that this machine's clock is right.",
    retry: 'user',
  },
  NETWORK_POLICY: {
    title: 'A network policy blocks this machine',
    message: '{server} does not allow connections from the address of this machine: {detail}.',
    advice:
      'Ask the account administrator to add this address to the network policy, or connect through the company network.',
    retry: 'user',
  },
  DATABASE_NOT_FOUND: {
    title: 'The database does not exist',
    message: 'There is no database {database} on {server}, or {user} may not see it.',
    advice: 'Check the spelling. Names are case-sensitive when they were created in quotes.',
    retry: 'user',
  },
  ROLE_NOT_GRANTED: {
    title: 'The role cannot be used',
    message: 'The role {role} does not exist or is not granted to {user}.',
    advice: 'Choose another role, or ask for GRANT ROLE {role} TO USER {user}.',
    retry: 'user',
  },
  WAREHOUSE_UNUSABLE: {
    title: 'The warehouse cannot be used',
    message:
      'The warehouse {warehouse} does not exist, is suspended and may not be resumed, or the role may not use it: {detail}.',
    advice: 'Choose another warehouse, or ask for USAGE and OPERATE on it.',
    retry: 'user',
  },
  NOT_A_SOURCE: {
    title: 'This is not the expected kind of server',
    message: '{host} answers as {found}, not as {expected}.',
    advice: 'Check host and port, or choose the other kind of source.',
    retry: 'user',
  },
  PERMISSION_DENIED: {
    title: 'A permission is missing',
    message: '{server} does not let {user} do this: {detail}.',
    advice: 'Ask for the missing permission, or use another user or role.',
    retry: 'user',
  },
  AWS_CREDENTIALS_INVALID: {
    title: 'AWS does not accept these keys',
    message: 'AWS refused the access key {accessKeyId}: {detail}.',
    advice: 'Check access key id and secret. Temporary keys need their session token and expire.',
    retry: 'user',
  },
  AWS_PERMISSION_DENIED: {
    title: 'AWS refused the action',
    message: 'AWS does not allow {action} on {resource}: {detail}.',
    advice: 'Add the action to the policy of the user or role. The S3 page shows the whole policy, ready to copy.',
    retry: 'user',
  },
  AWS_CLUSTER_NOT_FOUND: {
    title: 'The cluster was not found',
    message: 'There is no cluster or workgroup {cluster} in {region} in this AWS account.',
    advice: 'Check the identifier and the region.',
    retry: 'user',
  },
  AWS_PROFILE_NOT_FOUND: {
    title: 'The AWS profile was not found',
    message: 'The AWS profile {profile} could not be loaded: {detail}.',
    advice: 'Check the files ~/.aws/config and ~/.aws/credentials, or sign in again (aws sso login).',
    retry: 'user',
  },

  // Input
  INPUT_INVALID: {
    title: 'An entry is not valid',
    message: '{detail}',
    advice: 'Correct the entry and try again.',
    retry: 'user',
  },
  FILE_NOT_READABLE: {
    title: 'A file could not be read',
    message: '{path} could not be read: {detail}.',
    advice: 'Check the path and its permissions.',
    retry: 'user',
  },
  SECRET_MISSING: {
    title: 'A password or key is missing',
    message: 'The {secret} is not stored on this machine.',
    advice:
      'Enter it again on the page "{page}". Secrets that the system keychain cannot keep are forgotten when the app closes.',
    retry: 'user',
  },
  PROJECT_NOT_FOUND: {
    title: 'The project does not exist',
    message: 'There is no project with the id {id}.',
    advice: 'It may have been deleted in another window. Go back to the project list.',
    retry: 'never',
  },
  PROJECT_CHANGED_ELSEWHERE: {
    title: 'The project was changed elsewhere',
    message: 'Another window changed this project in the meantime.',
    advice: 'Open the project again. Nothing was overwritten.',
    retry: 'user',
  },
  RUN_NOT_FOUND: {
    title: 'The run does not exist',
    message: 'There is no run with the id {id}.',
    advice: 'Go back to the project and start a new run.',
    retry: 'never',
  },
  RUN_BUSY: {
    title: 'A run is in progress',
    message: 'The run {id} is in progress in this project.',
    advice: 'Wait until it has finished, or cancel it.',
    retry: 'user',
  },
  PLAN_OUTDATED: {
    title: 'The plan is out of date',
    message: 'The project was changed after the plan was made.',
    advice: 'Make the plan again.',
    retry: 'user',
  },
  NO_TABLES_SELECTED: {
    title: 'No table is selected',
    message: 'The project has no table to migrate.',
    advice: 'Select at least one table.',
    retry: 'user',
  },

  // S3, stage
  S3_URI_INVALID: {
    title: 'The S3 bucket URI is not valid',
    message: '{uri} is not a usable S3 bucket URI: {detail}.',
    advice: 'Write s3://bucket/path/ with a slash at the end, for example s3://my-bucket/migration/.',
    retry: 'user',
  },
  S3_BUCKET_NOT_FOUND: {
    title: 'The bucket does not exist',
    message: 'There is no bucket {bucket}.',
    advice: 'Check the spelling, or create the bucket in the region of the cluster.',
    retry: 'user',
  },
  S3_REGION_MISMATCH: {
    title: 'The bucket is in another region',
    message: 'The bucket {bucket} is in {region}, the connection expects {expected}.',
    advice: 'Use a bucket in the region of the cluster. Another region works, but costs transfer fees.',
    retry: 'user',
  },
  S3_PATH_NOT_EMPTY: {
    title: 'The path is not empty',
    message: '{uri} already holds {count} objects, for example {example}.',
    advice: 'Use an empty path, for example {suggestion}. Nothing that is there is read, changed or deleted.',
    retry: 'user',
  },
  S3_ACCESS_DENIED: {
    title: 'S3 refused the access',
    message: 'S3 does not allow {action} on {resource}.',
    advice: 'Add {action} to the policy of the user or role. The S3 page shows the whole policy, ready to copy.',
    retry: 'user',
  },
  S3_OBJECT_MISSING: {
    title: 'A staged file is missing',
    message: 'The file {key} is named in the manifest but is not in the bucket.',
    advice:
      'The partition is unloaded again under a new path. If this repeats, look for a lifecycle rule or another job that deletes files there.',
    retry: 'automatic',
  },
  S3_UNAVAILABLE: {
    title: 'S3 did not answer as it should',
    message: 'S3 answered {detail}.',
    advice: 'The request is repeated. If this goes on, look at the AWS health page.',
    retry: 'automatic',
  },
  S3_REQUEST_FAILED: {
    title: 'S3 refused a request',
    message: 'S3 refused {action} on {resource}: {detail}.',
    advice: 'Read the raw text in the details.',
    retry: 'never',
  },
  STAGE_NOT_FOUND: {
    title: 'The stage does not exist',
    message: 'The stage {stage} does not exist, or the role may not use it.',
    advice: 'Choose another stage, let the page create it, or ask for USAGE on the stage.',
    retry: 'user',
  },
  STAGE_NOT_COVERING: {
    title: 'The stage does not cover the bucket path',
    message: 'The stage {stage} points to {stageUrl}; the S3 bucket URI {uri} is not below it.',
    advice: "Use a path below the stage's URL, or choose or create a stage that covers it.",
    retry: 'user',
  },
  STAGE_ACCESS_DENIED: {
    title: 'Snowflake cannot read the bucket',
    message: 'Snowflake was refused access to {uri} through the stage {stage}: {detail}.',
    advice:
      "Check the storage integration's role and its trust policy, or the stage's keys: s3:GetObject and s3:ListBucket are needed.",
    retry: 'user',
  },

  // UNLOAD
  UNLOAD_ROLE_REFUSED: {
    title: 'Redshift refused the IAM role',
    message: 'Redshift refused the role {role} for UNLOAD: {detail}.',
    advice: 'Associate the role with the cluster (Manage IAM roles), check its trust policy, or enter another role.',
    retry: 'user',
  },
  UNLOAD_S3_DENIED: {
    title: 'Redshift may not write to the bucket',
    message: 'S3 refused the files that Redshift wanted to write to {uri}: {detail}.',
    advice:
      'Add s3:PutObject, s3:GetObject, s3:GetBucketLocation and s3:ListBucket for this bucket to the role that UNLOAD uses.',
    retry: 'user',
  },
  UNLOAD_REGION: {
    title: 'Redshift expects the bucket in another region',
    message: 'UNLOAD to {uri} failed because of the region: {detail}.',
    advice: 'Check the bucket region on the S3 page.',
    retry: 'user',
  },
  UNLOAD_TYPE_REFUSED: {
    title: 'UNLOAD does not support a column type',
    message: 'Redshift cannot unload {table} to Parquet: {detail}.',
    advice: 'Leave the column out, or change how it is carried in the table settings.',
    retry: 'never',
  },
  UNLOAD_NO_MANIFEST: {
    title: 'The manifest is missing',
    message: 'UNLOAD of {table} ended, but its manifest {key} could not be read: {detail}.',
    advice: 'The partition is unloaded again under a new path.',
    retry: 'automatic',
  },
  MANIFEST_INVALID: {
    title: 'The manifest is not as it should be',
    message: 'The manifest {key} cannot be used: {detail}.',
    advice:
      'The partition is unloaded again under a new path. If this repeats, look for another job that writes there.',
    retry: 'automatic',
  },
  MANIFEST_MISMATCH: {
    title: 'Source and manifest do not agree',
    message: '{table}: the source counted {sourceRows} rows, the manifest of UNLOAD {stagedRows}.',
    advice: 'The table changed while it was unloaded, or files were lost. The partition is unloaded again.',
    retry: 'automatic',
  },

  UPLOAD_FAILED: {
    title: 'A file did not reach the stage',
    message: 'The upload of {file} to the stage {stage} failed: {detail}.',
    advice:
      'The partition is extracted and uploaded again. If this goes on, look at the connection: uploads go to the storage of the Snowflake account, which a firewall or proxy may block.',
    retry: 'automatic',
  },

  // Source statements
  SOURCE_TABLE_NOT_FOUND: {
    title: 'The source table does not exist',
    message: '{table} does not exist in the source, or {user} may not see it.',
    advice: 'It may have been dropped or renamed. Refresh the table list.',
    retry: 'user',
  },
  SOURCE_COLUMN_CHANGED: {
    title: 'The source table changed',
    message: '{table} no longer has the columns of the plan: {detail}.',
    advice: 'Make the plan again.',
    retry: 'user',
  },
  SOURCE_STATEMENT_FAILED: {
    title: 'The source refused a statement',
    message: 'The source refused a statement for {table}: {detail}.',
    advice: 'Read the raw text and the statement in the details.',
    retry: 'never',
  },
  SOURCE_OUT_OF_RESOURCES: {
    title: 'The source is out of resources',
    message: 'The source could not run the statement for {table}: {detail}.',
    advice: 'The statement is repeated later. Fewer tables at a time lower the load.',
    retry: 'automatic',
  },
  STATEMENT_CANCELLED_BY_SERVER: {
    title: 'The server cancelled the statement',
    message: '{server} cancelled the statement: {detail}.',
    advice:
      'A timeout, a workload rule (WLM, resource monitor) or an administrator ended it. It is repeated; if this goes on, raise the limit.',
    retry: 'automatic',
  },
  VALUES_NOT_CARRIED: {
    title: 'A column holds values that Snowflake cannot hold',
    message: '{table}: {count} values in {column} cannot be carried: {detail}.',
    advice: 'Choose another target type, load these values as NULL, or leave the column out.',
    retry: 'user',
  },
  COLUMN_NOT_CARRIED: {
    title: 'A column cannot be carried',
    message: '{table}: the column {column} of type {type} cannot be carried: {detail}.',
    advice: 'Leave the column out. It is then listed in the results as not carried.',
    retry: 'user',
  },

  // Snowflake statements
  TARGET_TABLE_NOT_FOUND: {
    title: 'The target table does not exist',
    message: '{table} does not exist in Snowflake, or the role may not see it.',
    advice: 'Let the wizard create it, deploy it, or choose another role.',
    retry: 'user',
  },
  TARGET_COLUMNS_DIFFER: {
    title: 'The target table does not fit',
    message: '{table}: {detail}.',
    advice: 'Change the target table, map the columns, or let the wizard create the table under another name.',
    retry: 'user',
  },
  TARGET_NOT_EMPTY: {
    title: 'The target table already holds rows',
    message: '{table} already holds {rows} rows.',
    advice: 'Choose what happens to them: append, truncate or replace. Nothing was loaded.',
    retry: 'user',
  },
  TARGET_STATEMENT_FAILED: {
    title: 'Snowflake refused a statement',
    message: 'Snowflake refused a statement for {table}: {detail}.',
    advice: 'Read the raw text and the query id in the details.',
    retry: 'never',
  },
  TARGET_UNAVAILABLE: {
    title: 'Snowflake did not answer as it should',
    message: 'Snowflake answered {detail}.',
    advice: 'The work goes on when Snowflake answers again.',
    retry: 'automatic',
  },
  SESSION_EXPIRED: {
    title: 'The session expired',
    message: 'The session with {server} is no longer valid.',
    advice: 'A new session is opened. If the password or token was changed meanwhile, enter the new one.',
    retry: 'automatic',
  },
  LOAD_REFUSED: {
    title: 'Snowflake could not load a file',
    message: '{table}: {file} was not loaded: {detail}.',
    advice: 'Nothing of this partition was loaded. Check the column named in the details against its target type.',
    retry: 'never',
  },
  LOAD_COUNT_MISMATCH: {
    title: 'Not every row was loaded',
    message: '{table}: {loadedRows} of {stagedRows} staged rows would have been loaded. The load was rolled back.',
    advice: 'Nothing of this partition was loaded. It is unloaded again under a new path.',
    retry: 'automatic',
  },
  LOAD_LOST_RACE: {
    title: 'Another run loaded this partition',
    message:
      '{table}: the ledger shows that another run or window loaded this partition first. This load was rolled back.',
    advice: 'Close the other window or wait for the other run, then look at the results again.',
    retry: 'never',
  },
  LOAD_IN_DOUBT: {
    title: 'It is not known yet whether the load was committed',
    message: '{table}: the answer to COMMIT was lost.',
    advice: 'The ledger in Snowflake tells. It is read before anything is done again.',
    retry: 'automatic',
  },
  LEDGER_MISMATCH: {
    title: 'The ledger does not know what the journal knows',
    message:
      '{table}: the journal of this machine has {count} partitions as loaded that the ledger in {schema} does not have as loaded.',
    advice:
      'The ledger was changed or emptied meanwhile, so nobody can tell which rows are in the table. Nothing more was loaded. Migrate this table again from the beginning, with its rows truncated or replaced.',
    retry: 'user',
  },
  LEASE_HELD: {
    title: 'Another window works on this run',
    message:
      '{holder} works on this run since {since} (last sign of life {renewedAt}, times by the clock of Snowflake). Nothing was done here.',
    advice:
      'Watch or stop it there. When it ended without a word, as after a power cut, this run can be resumed here after {expiresAt}.',
    retry: 'user',
  },
  LEASE_LOST: {
    title: 'Another window took this run over',
    message:
      'This machine did not renew its lease on the run in time, and {holder} took it over at {since}. Loading stopped here before anything was committed.',
    advice: 'Go on there. The run can be resumed here when it has stopped there.',
    retry: 'user',
  },
  TARGET_IN_USE: {
    title: 'Another run loads this table',
    message: '{table}: {holder} loads it in the run {id} at this moment.',
    advice:
      'Two runs at the same time could delete the rows of each other. Retry this table when the other run has ended.',
    retry: 'user',
  },
  TARGET_CHANGED: {
    title: 'The target table changed during the run',
    message: '{table}: {detail}.',
    advice:
      'Somebody dropped, replaced or emptied the table, or deleted rows, while it was being loaded. Migrate this table again from the beginning, with its rows truncated or replaced.',
    retry: 'user',
  },
  NO_PROGRESS: {
    title: 'Something stood still and was stopped',
    message: '{what} showed no progress for {minutes} minutes and was stopped.',
    advice:
      'It is tried again. If this goes on, look for a lock or a full queue at the server, or a firewall that drops idle connections; the limits can be raised in the options of the run.',
    retry: 'automatic',
  },
  LEDGER_UNAVAILABLE: {
    title: 'The ledger could not be created',
    message: 'The ledger table in {schema} could not be created or written: {detail}.',
    advice:
      'Choose another database and schema for the ledger in the settings, or ask for CREATE DATABASE, CREATE SCHEMA and CREATE TABLE.',
    retry: 'user',
  },
  PRIVILEGE_MISSING: {
    title: 'A privilege is missing in Snowflake',
    message: 'The role {role} may not do this: {detail}.',
    advice: 'Ask for the privilege, or choose another role.',
    retry: 'user',
  },

  // This machine
  JOURNAL_UNAVAILABLE: {
    title: 'The journal could not be written',
    message: 'The journal {path} could not be opened or written: {detail}.',
    advice: 'Check free space and permissions of this folder. Nothing was started without it.',
    retry: 'user',
  },
  JOURNAL_BUSY: {
    title: 'The journal is held by another Snowferry',
    message: 'Another process holds the journal {path} and did not let go of it within {seconds} seconds.',
    advice:
      'A Snowferry window or command on this computer is stopped or hangs: let it go on or end it, then resume. Nothing was started without the journal.',
    retry: 'user',
  },
  JOURNAL_DAMAGED: {
    title: 'The journal is damaged',
    message: 'The journal {path} cannot be read any more: {detail}.',
    advice:
      'Close Snowferry and start it again: the damaged file is set aside, and the runs are rebuilt from their plans and the ledger in Snowflake. Nothing is loaded twice.',
    retry: 'user',
  },
  DISK_FULL: {
    title: 'The disk is full',
    message: 'There is no space left in {path}.',
    advice: 'Free some space or choose another folder for temporary files. Nothing is lost; resume afterwards.',
    retry: 'user',
  },
  PRACTICE_FAILED: {
    title: 'The practice environment did not start',
    message: 'The practice environment did not start: {detail}.',
    advice: 'It runs from a source checkout only. Run "npm run sandbox" in a terminal to see its output.',
    retry: 'user',
  },
  NOT_SUPPORTED: {
    title: 'This is not supported',
    message: '{detail}',
    advice: 'Choose another way.',
    retry: 'never',
  },
  CANCELLED: {
    title: 'Cancelled',
    message: 'The action was cancelled.',
    advice: 'Start it again when wanted.',
    retry: 'user',
  },
  INTERNAL: {
    title: 'A fault in Snowferry',
    message: 'Snowferry met a state that it does not know: {detail}',
    advice:
      'Copy the details and report them. The data in source and target is safe: a partition counts as loaded only when its transaction was committed.',
    retry: 'never',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
