import type { DatabaseMetadata } from '../engine/metadata.ts';
import { mayOnServer } from './server-permissions.ts';
import {
  BIT,
  type CatalogContext,
  type CatalogView,
  DATETIME,
  defineView,
  DESCRIPTION,
  fixedNvarchar,
  GUID,
  INT,
  nullable,
  SERVER_NAME,
  SMALLINT,
  TINYINT,
  toDatetime,
  VARIANT,
  varbinaryOf,
} from './view-definition.ts';

const flags = <const N extends string>(names: readonly N[]): { [K in N]: typeof BIT } =>
  Object.fromEntries(names.map((name) => [name, nullable(BIT)])) as { [K in N]: typeof BIT };

const SETTINGS = [
  'is_auto_create_stats_on',
  'is_auto_create_stats_incremental_on',
  'is_auto_update_stats_on',
  'is_auto_update_stats_async_on',
  'is_ansi_null_default_on',
  'is_ansi_nulls_on',
  'is_ansi_padding_on',
  'is_ansi_warnings_on',
  'is_arithabort_on',
  'is_concat_null_yields_null_on',
  'is_numeric_roundabort_on',
  'is_quoted_identifier_on',
  'is_recursive_triggers_on',
  'is_cursor_close_on_commit_on',
  'is_local_cursor_default',
  'is_fulltext_enabled',
  'is_trustworthy_on',
  'is_db_chaining_on',
  'is_parameterization_forced',
  'is_master_key_encrypted_by_server',
  'is_query_store_on',
  'is_published',
  'is_subscribed',
  'is_merge_published',
  'is_distributor',
  'is_sync_with_backup',
] as const;

/** Settings of a new database that are on; the others are off. */
const ON_BY_DEFAULT: ReadonlySet<string> = new Set([
  'is_auto_create_stats_on',
  'is_auto_update_stats_on',
  'is_fulltext_enabled',
]);

const DEFAULT_SETTINGS = Object.fromEntries(SETTINGS.map((name) => [name, ON_BY_DEFAULT.has(name)])) as Record<
  (typeof SETTINGS)[number],
  boolean
>;

const STATES = { ONLINE: 0, RESTORING: 1, OFFLINE: 6 } as const;
const RECOVERY_MODELS = { FULL: 1, BULK_LOGGED: 2, SIMPLE: 3 } as const;

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-databases-transact-sql */
const databases = defineView({
  name: 'databases',
  columns: {
    name: SERVER_NAME,
    database_id: INT,
    source_database_id: nullable(INT),
    owner_sid: varbinaryOf(85),
    create_date: DATETIME,
    compatibility_level: TINYINT,
    collation_name: nullable(SERVER_NAME),
    user_access: nullable(TINYINT),
    user_access_desc: DESCRIPTION,
    is_read_only: nullable(BIT),
    is_auto_close_on: BIT,
    is_auto_shrink_on: nullable(BIT),
    state: nullable(TINYINT),
    state_desc: DESCRIPTION,
    is_in_standby: nullable(BIT),
    is_cleanly_shutdown: nullable(BIT),
    is_supplemental_logging_enabled: nullable(BIT),
    snapshot_isolation_state: nullable(TINYINT),
    snapshot_isolation_state_desc: DESCRIPTION,
    is_read_committed_snapshot_on: nullable(BIT),
    recovery_model: nullable(TINYINT),
    recovery_model_desc: DESCRIPTION,
    page_verify_option: nullable(TINYINT),
    page_verify_option_desc: DESCRIPTION,
    ...flags(SETTINGS),
    service_broker_guid: GUID,
    is_broker_enabled: BIT,
    log_reuse_wait: nullable(TINYINT),
    log_reuse_wait_desc: DESCRIPTION,
    is_date_correlation_on: BIT,
    is_cdc_enabled: BIT,
    is_encrypted: nullable(BIT),
    is_honor_broker_priority_on: nullable(BIT),
    replica_id: nullable(GUID),
    group_database_id: nullable(GUID),
    resource_pool_id: nullable(INT),
    default_language_lcid: nullable(SMALLINT),
    default_language_name: fixedNvarchar(128),
    default_fulltext_language_lcid: nullable(INT),
    default_fulltext_language_name: fixedNvarchar(128),
    is_nested_triggers_on: nullable(BIT),
    is_transform_noise_words_on: nullable(BIT),
    two_digit_year_cutoff: nullable(SMALLINT),
    containment: nullable(TINYINT),
    containment_desc: DESCRIPTION,
    target_recovery_time_in_seconds: nullable(INT),
    delayed_durability: nullable(INT),
    delayed_durability_desc: DESCRIPTION,
    is_memory_optimized_elevate_to_snapshot_on: nullable(BIT),
    is_federation_member: nullable(BIT),
    is_remote_data_archive_enabled: nullable(BIT),
    is_mixed_page_allocation_on: nullable(BIT),
    is_temporal_history_retention_enabled: nullable(BIT),
    catalog_collation_type: INT,
    catalog_collation_type_desc: DESCRIPTION,
    physical_database_name: nullable(SERVER_NAME),
    is_result_set_caching_on: nullable(BIT),
    is_accelerated_database_recovery_on: nullable(BIT),
    is_tempdb_spill_to_remote_store: nullable(BIT),
    is_stale_page_detection_on: nullable(BIT),
    is_memory_optimized_enabled: nullable(BIT),
    is_data_retention_enabled: nullable(BIT),
    is_ledger_on: nullable(BIT),
    is_change_feed_enabled: nullable(BIT),
  },
  rows: (context) =>
    visibleDatabases(context).map((database) => ({
      ...CONSTANTS,
      ...DEFAULT_SETTINGS,
      ...databaseFacts(context, database),
    })),
});

/** Everyone sees the databases unless VIEW ANY DATABASE is denied; those that are offline are seen by who may bring them back. */
function visibleDatabases(context: CatalogContext): DatabaseMetadata[] {
  const denied = context.login.permissions.some(
    ({ permission, state }) => permission === 'VIEW ANY DATABASE' && state === 'DENY',
  );
  return context.server.databases.filter((database) => {
    if (context.login.serverRoles.includes('sysadmin')) return true;
    if (database.state === 'OFFLINE' && !mayOnServer(context, 'ALTER ANY DATABASE')) return false;
    return !denied || database.name === 'master' || database.name === 'tempdb' || database.id === context.database.id;
  });
}

const CONSTANTS = {
  source_database_id: null,
  owner_sid: Uint8Array.of(1),
  user_access: 0,
  user_access_desc: 'MULTI_USER',
  is_auto_close_on: false,
  is_auto_shrink_on: false,
  is_in_standby: false,
  is_cleanly_shutdown: false,
  is_supplemental_logging_enabled: false,
  page_verify_option: 2,
  page_verify_option_desc: 'CHECKSUM',
  is_broker_enabled: false,
  log_reuse_wait: 0,
  log_reuse_wait_desc: 'NOTHING',
  is_date_correlation_on: false,
  is_cdc_enabled: false,
  is_encrypted: false,
  is_honor_broker_priority_on: false,
  replica_id: null,
  group_database_id: null,
  resource_pool_id: null,
  default_language_lcid: null,
  default_language_name: null,
  default_fulltext_language_lcid: null,
  default_fulltext_language_name: null,
  is_nested_triggers_on: null,
  is_transform_noise_words_on: null,
  two_digit_year_cutoff: null,
  containment: 0,
  containment_desc: 'NONE',
  target_recovery_time_in_seconds: 60,
  delayed_durability: 0,
  delayed_durability_desc: 'DISABLED',
  is_memory_optimized_elevate_to_snapshot_on: false,
  is_federation_member: false,
  is_remote_data_archive_enabled: false,
  is_mixed_page_allocation_on: false,
  is_temporal_history_retention_enabled: true,
  catalog_collation_type: 0,
  catalog_collation_type_desc: 'DATABASE_DEFAULT',
  is_result_set_caching_on: false,
  is_accelerated_database_recovery_on: false,
  is_tempdb_spill_to_remote_store: false,
  is_stale_page_detection_on: false,
  is_memory_optimized_enabled: true,
  is_data_retention_enabled: false,
  is_ledger_on: false,
  is_change_feed_enabled: false,
};

function databaseFacts(context: CatalogContext, database: DatabaseMetadata) {
  return {
    name: database.name,
    database_id: database.id,
    create_date: toDatetime(database.name === 'tempdb' ? context.server.startedOn : database.createdOn),
    compatibility_level: database.compatibilityLevel,
    collation_name: database.state === 'ONLINE' ? database.collation : null,
    is_read_only: database.isReadOnly,
    state: STATES[database.state],
    state_desc: database.state,
    snapshot_isolation_state: database.allowSnapshot ? 1 : 0,
    snapshot_isolation_state_desc: database.allowSnapshot ? 'ON' : 'OFF',
    is_read_committed_snapshot_on: database.readCommittedSnapshot,
    recovery_model: RECOVERY_MODELS[database.recoveryModel],
    recovery_model_desc: database.recoveryModel,
    service_broker_guid: `00000000-0000-0000-0000-${database.id.toString(16).toUpperCase().padStart(12, '0')}`,
    physical_database_name: database.name,
  };
}

/** Options that clients ask for; the stand-in has no more of them. https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-configurations-transact-sql */
const CONFIGURATIONS: readonly (readonly [number, string, number, number, number, string, boolean, boolean])[] = [
  [101, 'recovery interval (min)', 0, 0, 32_767, 'Maximum recovery interval in minutes', true, true],
  [103, 'user connections', 0, 0, 32_767, 'Number of user connections allowed', false, true],
  [109, 'fill factor (%)', 0, 0, 100, 'Default fill factor percentage', false, true],
  [116, 'disallow results from triggers', 0, 0, 1, 'Disallow returning results from triggers', true, true],
  [124, 'default language', 0, 0, 9999, 'default language', true, false],
  [503, 'max worker threads', 0, 128, 65_535, 'Maximum worker threads', true, true],
  [505, 'network packet size (B)', 4096, 512, 32_767, 'Network packet size', true, true],
  [518, 'show advanced options', 0, 0, 1, 'show advanced options', true, false],
  [1520, 'remote query timeout (s)', 600, 0, 2_147_483_647, 'remote query timeout', true, false],
  [1534, 'user options', 0, 0, 32_767, 'user options', true, false],
  [1538, 'cost threshold for parallelism', 5, 0, 32_767, 'cost threshold for parallelism', true, true],
  [1539, 'max degree of parallelism', 0, 0, 32_767, 'maximum degree of parallelism', true, true],
  [1543, 'min server memory (MB)', 0, 0, 2_147_483_647, 'Minimum size of server memory (MB)', true, true],
  [1544, 'max server memory (MB)', 2_147_483_647, 128, 2_147_483_647, 'Maximum size of server memory (MB)', true, true],
  [1562, 'clr enabled', 0, 0, 1, 'CLR user code execution enabled in the server', true, false],
  [16_390, 'xp_cmdshell', 0, 0, 1, 'Enable or disable command shell', true, true],
  [
    16_393,
    'contained database authentication',
    0,
    0,
    1,
    'Enables contained databases and contained authentication',
    true,
    false,
  ],
];

const configurations = defineView({
  name: 'configurations',
  columns: {
    configuration_id: INT,
    name: fixedNvarchar(35),
    value: VARIANT,
    minimum: VARIANT,
    maximum: VARIANT,
    value_in_use: VARIANT,
    description: fixedNvarchar(255),
    is_dynamic: BIT,
    is_advanced: BIT,
  },
  rows: () =>
    CONFIGURATIONS.map(([id, name, value, minimum, maximum, description, isDynamic, isAdvanced]) => ({
      configuration_id: id,
      name,
      value: intVariant(value),
      minimum: intVariant(minimum),
      maximum: intVariant(maximum),
      value_in_use: intVariant(value),
      description,
      is_dynamic: isDynamic,
      is_advanced: isAdvanced,
    })),
});

const intVariant = (value: number) => ({ type: { name: 'int' as const }, value });

export const databaseViews: readonly CatalogView[] = [databases, configurations];
