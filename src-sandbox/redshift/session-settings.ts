/**
 * Settings that Redshift has and PostgreSQL has not, with their defaults; PostgreSQL keeps them under the prefix `redshift.`.
 * https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
 */
export const REDSHIFT_SETTINGS: Readonly<Record<string, string>> = {
  analyze_threshold_percent: '10',
  auto_analyze: 'on',
  cast_super_null_on_error: 'on',
  datashare_break_glass_session_var: '',
  default_geometry_encoding: '1',
  describe_field_name_in_uppercase: 'off',
  downcase_delimited_identifier: 'on',
  enable_case_sensitive_identifier: 'off',
  enable_case_sensitive_super_attribute: 'off',
  enable_numeric_rounding: 'on',
  enable_result_cache_for_session: 'on',
  enable_vacuum_boost: 'off',
  error_on_nondeterministic_update: 'off',
  json_serialization_enable: 'off',
  json_serialization_parse_nested_strings: 'off',
  max_concurrency_scaling_clusters: '1',
  max_cursor_result_set_size: '0',
  mv_enable_aqmv_for_session: 'on',
  navigate_super_null_on_error: 'on',
  parse_super_null_on_error: 'off',
  pg_federation_repeatable_read: 'on',
  query_group: 'default',
  spectrum_enable_pseudo_columns: 'on',
  spectrum_query_maxerror: '-1',
  stored_proc_log_min_messages: 'INFO',
  wlm_query_slot_count: '1',
};

const SHARED_SETTINGS = new Set([
  'application_name',
  'client_encoding',
  'datestyle',
  'extra_float_digits',
  'intervalstyle',
  'search_path',
  'statement_timeout',
  'timezone',
]);

export function isKnownSetting(name: string): boolean {
  return SHARED_SETTINGS.has(name) || name in REDSHIFT_SETTINGS;
}

/** The name under which PostgreSQL keeps a setting. */
export function normaliseSetting(name: string): string {
  return name in REDSHIFT_SETTINGS ? `redshift.${name}` : name;
}

/** Whether a boolean setting's value, as a client may spell it, is on. */
export function isOn(value: string): boolean {
  return ['on', 'true', 't', 'yes', 'y', '1'].includes(value.toLowerCase());
}
