import type { AccountObject, Schema, SchemaObject } from '../catalog/catalog-types.ts';
import type { FileFormat, GivenOption } from './file-format.ts';

/** How a stage reaches its bucket. Secrets are kept in memory and never shown, logged or put into an error. */
export type StageCredentials =
  | { kind: 'none' }
  | { kind: 'integration'; integrationId: number; integrationName: string }
  | { kind: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken: string | null }
  | { kind: 'role'; roleArn: string; externalId: string };

/** The format of a stage or a COPY: options written in place, or a named format looked up when it is used. */
export type FormatReference =
  | { kind: 'inline'; format: FileFormat }
  | { kind: 'named'; schema: Schema; name: string; overrides: readonly GivenOption[] };

export interface Stage extends SchemaObject {
  domain: 'STAGE';
  /** For a temporary stage: only this session sees it. */
  sessionId: string | null;
  /** Null for an internal stage. */
  url: string | null;
  credentials: StageCredentials;
  /** SNOWFLAKE_FULL or SNOWFLAKE_SSE inside; NONE, AWS_SSE_S3, AWS_SSE_KMS or AWS_CSE outside. */
  encryption: { type: string; kmsKeyId: string | null };
  fileFormat: FormatReference;
  /** Copy options given with the stage, by upper-case name. */
  copyOptions: Readonly<Record<string, string>>;
  directoryEnabled: boolean;
}

export interface FileFormatObject extends SchemaObject {
  domain: 'FILE FORMAT';
  sessionId: string | null;
  format: FileFormat;
}

export interface StorageIntegration extends AccountObject {
  domain: 'INTEGRATION';
  enabled: boolean;
  provider: string;
  roleArn: string;
  externalId: string;
  allowedLocations: readonly string[];
  blockedLocations: readonly string[];
  objectAcl: string | null;
}
