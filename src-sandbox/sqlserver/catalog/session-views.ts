import type { SqlValue } from '../engine-contract.ts';
import type { SessionMetadata } from '../engine/metadata.ts';
import { mayOnServer, requireServerState } from './server-permissions.ts';
import {
  BIGINT,
  binaryOf,
  BIT,
  type CatalogContext,
  type CatalogView,
  type ColumnSpec,
  DATETIME,
  defineView,
  fixedNvarchar,
  fixedVarchar,
  GUID,
  INT,
  nullable,
  REAL,
  required,
  SMALLINT,
  toDatetime,
  varbinaryOf,
} from './view-definition.ts';

const text128 = { ...fixedNvarchar(128), collation: 'server' } as const satisfies ColumnSpec;

/** Options that a session and a request both tell. */
const OPTION_COLUMNS = {
  text_size: INT,
  language: text128,
  date_format: fixedNvarchar(3),
  date_first: SMALLINT,
  quoted_identifier: BIT,
  arithabort: BIT,
  ansi_null_dflt_on: BIT,
  ansi_defaults: BIT,
  ansi_warnings: BIT,
  ansi_padding: BIT,
  ansi_nulls: BIT,
  concat_null_yields_null: BIT,
  transaction_isolation_level: SMALLINT,
  lock_timeout: INT,
  deadlock_priority: INT,
  row_count: BIGINT,
  prev_error: INT,
} as const;

/** What drivers set when they log in; the session's own SET options are not known here. */
const OPTIONS = {
  text_size: 2_147_483_647,
  language: 'us_english',
  date_format: 'mdy',
  date_first: 7,
  quoted_identifier: true,
  arithabort: true,
  ansi_null_dflt_on: true,
  ansi_defaults: false,
  ansi_warnings: true,
  ansi_padding: true,
  ansi_nulls: true,
  concat_null_yields_null: true,
  lock_timeout: -1,
  deadlock_priority: 0,
  row_count: 0n,
  prev_error: 0,
};

const ISOLATION_LEVELS: Readonly<Record<string, number>> = {
  'read uncommitted': 1,
  'read committed': 2,
  'repeatable read': 3,
  serializable: 4,
  snapshot: 5,
};

/** The level's number, however it is spelled: READ COMMITTED, read-committed. */
function isolationLevel(isolation: string): number {
  return ISOLATION_LEVELS[isolation.toLowerCase().replaceAll('-', ' ')] ?? 0;
}

/** Who may not view the state of the server sees its own session. */
function visibleSessions(context: CatalogContext): SessionMetadata[] {
  const seesAll = mayOnServer(context, 'VIEW SERVER PERFORMANCE STATE');
  return context.sessions().filter(({ spid }) => seesAll || spid === context.spid);
}

function sidOf(context: CatalogContext, loginName: string): SqlValue {
  return (
    context.server.logins.find(({ name }) => name.toLowerCase() === loginName.toLowerCase())?.sid ?? Uint8Array.of(1)
  );
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-dynamic-management-views/sys-dm-exec-sessions-transact-sql */
const sessions = defineView({
  name: 'dm_exec_sessions',
  columns: {
    session_id: SMALLINT,
    login_time: DATETIME,
    host_name: text128,
    program_name: text128,
    host_process_id: nullable(INT),
    client_version: nullable(INT),
    client_interface_name: fixedNvarchar(32),
    security_id: required(varbinaryOf(85)),
    login_name: required(text128),
    nt_domain: text128,
    nt_user_name: text128,
    status: required(fixedNvarchar(30)),
    context_info: varbinaryOf(128),
    cpu_time: INT,
    memory_usage: INT,
    total_scheduled_time: INT,
    total_elapsed_time: INT,
    endpoint_id: INT,
    last_request_start_time: DATETIME,
    last_request_end_time: nullable(DATETIME),
    reads: BIGINT,
    writes: BIGINT,
    logical_reads: BIGINT,
    is_user_process: BIT,
    ...OPTION_COLUMNS,
    original_security_id: required(varbinaryOf(85)),
    original_login_name: required(text128),
    last_successful_logon: nullable(DATETIME),
    last_unsuccessful_logon: nullable(DATETIME),
    unsuccessful_logons: nullable(BIGINT),
    group_id: INT,
    database_id: SMALLINT,
    authenticating_database_id: nullable(INT),
    open_transaction_count: INT,
  },
  rows: (context) => visibleSessions(context).map((session) => sessionRow(context, session)),
});

function sessionRow(context: CatalogContext, session: SessionMetadata) {
  const sid = sidOf(context, session.loginName);
  const loggedInOn = toDatetime(session.loggedInOn);
  return {
    ...OPTIONS,
    session_id: session.spid,
    login_time: loggedInOn,
    host_name: session.hostName,
    program_name: session.programName,
    host_process_id: null,
    client_version: 7,
    client_interface_name: null,
    security_id: sid,
    login_name: session.loginName,
    nt_domain: null,
    nt_user_name: null,
    status: session.isRunning ? 'running' : 'sleeping',
    context_info: new Uint8Array(),
    cpu_time: 0,
    memory_usage: 2,
    total_scheduled_time: 0,
    total_elapsed_time: Math.min(2_147_483_647, Math.max(0, Date.now() - session.loggedInOn.getTime())),
    endpoint_id: 4,
    last_request_start_time: loggedInOn,
    last_request_end_time: loggedInOn,
    reads: 0n,
    writes: 0n,
    logical_reads: 0n,
    is_user_process: true,
    transaction_isolation_level: isolationLevel(session.isolation),
    original_security_id: sid,
    original_login_name: session.loginName,
    last_successful_logon: null,
    last_unsuccessful_logon: null,
    unsuccessful_logons: null,
    group_id: 2,
    database_id: session.databaseId,
    authenticating_database_id: 0,
    open_transaction_count: session.openTransactions,
  };
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-dynamic-management-views/sys-dm-exec-requests-transact-sql */
const requests = defineView({
  name: 'dm_exec_requests',
  columns: {
    session_id: SMALLINT,
    request_id: INT,
    start_time: DATETIME,
    status: required(fixedNvarchar(30)),
    command: required(fixedNvarchar(32)),
    sql_handle: varbinaryOf(64),
    statement_start_offset: nullable(INT),
    statement_end_offset: nullable(INT),
    plan_handle: varbinaryOf(64),
    database_id: SMALLINT,
    user_id: INT,
    connection_id: nullable(GUID),
    blocking_session_id: nullable(SMALLINT),
    wait_type: fixedNvarchar(60),
    wait_time: INT,
    last_wait_type: required(fixedNvarchar(60)),
    wait_resource: required(fixedNvarchar(256)),
    open_transaction_count: INT,
    open_resultset_count: INT,
    transaction_id: BIGINT,
    context_info: varbinaryOf(128),
    percent_complete: REAL,
    estimated_completion_time: BIGINT,
    cpu_time: INT,
    total_elapsed_time: INT,
    scheduler_id: nullable(INT),
    task_address: varbinaryOf(8),
    reads: BIGINT,
    writes: BIGINT,
    logical_reads: BIGINT,
    ...OPTION_COLUMNS,
    nest_level: INT,
    granted_query_memory: INT,
    executing_managed_code: BIT,
    group_id: INT,
    query_hash: binaryOf(8),
    query_plan_hash: binaryOf(8),
    statement_sql_handle: varbinaryOf(64),
    statement_context_id: nullable(BIGINT),
    dop: INT,
    parallel_worker_count: nullable(INT),
    external_script_request_id: nullable(GUID),
    is_resumable: BIT,
  },
  rows: (context) =>
    visibleSessions(context)
      .filter(({ isRunning }) => isRunning)
      .map(requestRow),
});

function requestRow(session: SessionMetadata) {
  return {
    ...OPTIONS,
    session_id: session.spid,
    request_id: 0,
    start_time: toDatetime(new Date()),
    status: 'running',
    command: 'SELECT',
    sql_handle: null,
    statement_start_offset: 0,
    statement_end_offset: -1,
    plan_handle: null,
    database_id: session.databaseId,
    user_id: 1,
    connection_id: connectionId(session.spid),
    blocking_session_id: 0,
    wait_type: null,
    wait_time: 0,
    last_wait_type: 'MISCELLANEOUS',
    wait_resource: '',
    open_transaction_count: session.openTransactions,
    open_resultset_count: 1,
    transaction_id: 0n,
    context_info: new Uint8Array(),
    percent_complete: 0,
    estimated_completion_time: 0n,
    cpu_time: 0,
    total_elapsed_time: 0,
    scheduler_id: 0,
    task_address: null,
    reads: 0n,
    writes: 0n,
    logical_reads: 0n,
    transaction_isolation_level: isolationLevel(session.isolation),
    nest_level: 0,
    granted_query_memory: 0,
    executing_managed_code: false,
    group_id: 2,
    query_hash: null,
    query_plan_hash: null,
    statement_sql_handle: null,
    statement_context_id: null,
    dop: 1,
    parallel_worker_count: null,
    external_script_request_id: null,
    is_resumable: false,
  };
}

function connectionId(spid: number): string {
  return `00000000-0000-4000-8000-${spid.toString(16).toUpperCase().padStart(12, '0')}`;
}

/** Requires VIEW SERVER SECURITY STATE. https://learn.microsoft.com/en-us/sql/relational-databases/system-dynamic-management-views/sys-dm-exec-connections-transact-sql */
const connections = defineView({
  name: 'dm_exec_connections',
  columns: {
    session_id: nullable(INT),
    most_recent_session_id: nullable(INT),
    connect_time: DATETIME,
    net_transport: required(fixedNvarchar(40)),
    protocol_type: fixedNvarchar(40),
    protocol_version: nullable(INT),
    endpoint_id: nullable(INT),
    encrypt_option: required(fixedNvarchar(40)),
    auth_scheme: required(fixedNvarchar(40)),
    node_affinity: SMALLINT,
    num_reads: nullable(INT),
    num_writes: nullable(INT),
    last_read: nullable(DATETIME),
    last_write: nullable(DATETIME),
    net_packet_size: nullable(INT),
    client_net_address: fixedVarchar(48),
    client_tcp_port: nullable(INT),
    local_net_address: fixedVarchar(48),
    local_tcp_port: nullable(INT),
    connection_id: GUID,
    parent_connection_id: nullable(GUID),
    most_recent_sql_handle: varbinaryOf(64),
  },
  rows: (context) => {
    requireServerState(context, 'SECURITY');
    return context.sessions().map((session) => ({
      session_id: session.spid,
      most_recent_session_id: session.spid,
      connect_time: toDatetime(session.loggedInOn),
      net_transport: 'TCP',
      protocol_type: 'TSQL',
      protocol_version: 0x74000004,
      endpoint_id: 4,
      // Whether the wire is encrypted is the endpoint's to know; it is by default.
      encrypt_option: 'TRUE',
      auth_scheme: 'SQL',
      node_affinity: 0,
      num_reads: null,
      num_writes: null,
      last_read: toDatetime(session.loggedInOn),
      last_write: toDatetime(session.loggedInOn),
      net_packet_size: 4096,
      client_net_address: '127.0.0.1',
      client_tcp_port: null,
      local_net_address: '127.0.0.1',
      local_tcp_port: null,
      connection_id: connectionId(session.spid),
      parent_connection_id: null,
      most_recent_sql_handle: null,
    }));
  },
});

/** Requires VIEW SERVER PERFORMANCE STATE. Locks here are of whole tables and are not listed. https://learn.microsoft.com/en-us/sql/relational-databases/system-dynamic-management-views/sys-dm-tran-locks-transact-sql */
const locks = defineView({
  name: 'dm_tran_locks',
  columns: {
    resource_type: required(fixedNvarchar(60)),
    resource_subtype: required(fixedNvarchar(60)),
    resource_database_id: INT,
    resource_description: required(fixedNvarchar(256)),
    resource_associated_entity_id: nullable(BIGINT),
    resource_lock_partition: INT,
    request_mode: required(fixedNvarchar(60)),
    request_type: required(fixedNvarchar(60)),
    request_status: required(fixedNvarchar(60)),
    request_reference_count: SMALLINT,
    request_lifetime: INT,
    request_session_id: INT,
    request_exec_context_id: INT,
    request_request_id: INT,
    request_owner_type: required(fixedNvarchar(60)),
    request_owner_id: nullable(BIGINT),
    request_owner_guid: nullable(GUID),
    request_owner_lockspace_id: required(fixedNvarchar(32)),
    lock_owner_address: required(varbinaryOf(8)),
  },
  rows: (context) => {
    requireServerState(context, 'PERFORMANCE');
    return [];
  },
});

export const sessionViews: readonly CatalogView[] = [sessions, requests, connections, locks];
