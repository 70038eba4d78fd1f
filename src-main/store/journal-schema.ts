/** One entry a version, applied in order and never changed afterwards. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE plan (plan_id TEXT PRIMARY KEY, project_id TEXT, created_at TEXT NOT NULL, head TEXT NOT NULL);
  CREATE TABLE plan_table (plan_id TEXT NOT NULL, position INTEGER NOT NULL, task TEXT NOT NULL, PRIMARY KEY (plan_id, position)) WITHOUT ROWID;
  CREATE TABLE run (
    run_id TEXT PRIMARY KEY, plan_id TEXT NOT NULL, project_id TEXT, state TEXT NOT NULL, started_at TEXT NOT NULL,
    finished_at TEXT, elapsed_ms INTEGER NOT NULL, summary TEXT);
  CREATE INDEX run_by_project ON run (project_id, started_at);
  CREATE TABLE table_state (
    run_id TEXT NOT NULL, table_id TEXT NOT NULL, state TEXT NOT NULL, is_prepared INTEGER NOT NULL, started_at TEXT, elapsed_ms INTEGER,
    error TEXT, warnings TEXT NOT NULL, PRIMARY KEY (run_id, table_id)) WITHOUT ROWID;
  CREATE TABLE partition_state (
    run_id TEXT NOT NULL, table_id TEXT NOT NULL, partition_id TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, attempt_id TEXT,
    source_rows INTEGER, staged_rows INTEGER, staged_bytes INTEGER, staged_files INTEGER, loaded_rows INTEGER, error TEXT,
    PRIMARY KEY (run_id, table_id, partition_id)) WITHOUT ROWID;
  CREATE TABLE attempt (
    attempt_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, table_id TEXT NOT NULL, partition_id TEXT NOT NULL, path TEXT NOT NULL,
    manifest TEXT, session_id TEXT, is_cleaned INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX attempt_by_run ON attempt (run_id);
  CREATE TABLE event (
    run_id TEXT NOT NULL, sequence INTEGER NOT NULL, at TEXT NOT NULL, level TEXT NOT NULL, table_id TEXT, text TEXT NOT NULL,
    PRIMARY KEY (run_id, sequence)) WITHOUT ROWID;
  CREATE TABLE validation (run_id TEXT PRIMARY KEY, report TEXT NOT NULL);
  `,
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  ALTER TABLE plan ADD COLUMN digest TEXT;
  ALTER TABLE run ADD COLUMN pause TEXT;
  ALTER TABLE run ADD COLUMN owner TEXT;
  ALTER TABLE run ADD COLUMN is_rebuilt INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE table_state ADD COLUMN target_created_at TEXT;
  ALTER TABLE table_state ADD COLUMN target_rows_before INTEGER;
  ALTER TABLE table_state ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE table_state ADD COLUMN unload_lanes INTEGER;
  ALTER TABLE table_state ADD COLUMN load_lanes INTEGER;
  ALTER TABLE partition_state ADD COLUMN first_error TEXT;
  ALTER TABLE partition_state ADD COLUMN error_count INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE partition_error (
    run_id TEXT NOT NULL, table_id TEXT NOT NULL, partition_id TEXT NOT NULL, number INTEGER NOT NULL, attempt INTEGER NOT NULL, at TEXT NOT NULL,
    error TEXT NOT NULL, PRIMARY KEY (run_id, table_id, partition_id, number)) WITHOUT ROWID;
  `,
];
