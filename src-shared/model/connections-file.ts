import { z } from 'zod';
import {
  snowflakeSettingsSchema,
  sourceSettingsSchema,
  stagingSettingsSchema,
  SECRET_SLOTS,
} from './connection-settings.ts';

/**
 * The JSON or YAML file behind `--connections`: the same settings as the wizard's, with the secrets beside them. A secret is given as text, as
 * `{"env": "NAME"}` or as `{"file": "/path"}`. The file should be readable by its owner only; the command line says so when it is not.
 *
 * `snowflake` may be `{"connection": "name"}` to use an entry of ~/.snowflake/connections.toml or config.toml.
 */
export const secretValueSchema = z.union([z.string(), z.object({ env: z.string() }), z.object({ file: z.string() })]);

export const connectionsFileSchema = z.object({
  source: sourceSettingsSchema,
  snowflake: z.union([snowflakeSettingsSchema, z.object({ connection: z.string() })]),
  /** Needed for the strategy "unload"; its stage may also come from the workflow file's externalStage. */
  staging: stagingSettingsSchema
    .omit({ stage: true })
    .extend({ stage: stagingSettingsSchema.shape.stage.optional() })
    .nullable()
    .default(null),
  secrets: z.partialRecord(z.enum(SECRET_SLOTS), secretValueSchema).default({}),
});
export type ConnectionsFile = z.infer<typeof connectionsFileSchema>;
