import { z } from 'zod';
import { EXISTING_ROWS } from './project.ts';

/**
 * The workflow file of SnowConvert's data migration, by the property names of its configuration reference; the newer spellings
 * `targetPartitionSizeMb` and `targetPartitionSizeRows` are accepted too. Names that need quoting carry their quotes: `"\"MyTable\""`.
 * `existingRows`, `options` and `createMissingTargets` are Snowferry's own.
 */
const identifier = z.object({
  databaseName: z.string().optional(),
  schemaName: z.string().optional(),
  tableName: z.string().optional(),
});

const targetIdentifier = identifier.extend({
  tableType: z.enum(['native', 'iceberg']).optional(),
  icebergConfig: z.record(z.string(), z.unknown()).optional(),
});

const partitionSize = z.union([
  z.literal('auto'),
  z.strictObject({ targetSizeMb: z.number().positive() }),
  z.strictObject({ maxRowsPerPartition: z.number().int().positive() }),
]);

export const tableConfigurationSchema = z.strictObject({
  source: identifier.optional(),
  target: targetIdentifier.optional(),
  columnNamesToPartitionBy: z.array(z.string()).optional(),
  extraction: z
    .strictObject({ strategy: z.enum(['regular', 'unload']).default('regular'), externalStage: z.string().optional() })
    .optional(),
  synchronization: z
    .strictObject({
      strategy: z.enum(['none', 'checksum', 'watermark']),
      watermarkColumn: z.string().optional(),
      trackModifications: z.boolean().optional(),
    })
    .optional(),
  columnTypeMappings: z.array(z.strictObject({ sourceType: z.string(), targetType: z.string() })).optional(),
  columnNameMappings: z.array(z.strictObject({ sourceName: z.string(), targetName: z.string() })).optional(),
  primaryKeyColumns: z.array(z.string()).optional(),
  partitionSize: partitionSize.optional(),
  targetPartitionSizeMb: z.number().positive().optional(),
  targetPartitionSizeRows: z.number().int().positive().optional(),
  whereClauseCriteria: z.string().optional(),
  existingRows: z.enum(EXISTING_ROWS).optional(),
});
export type TableConfiguration = z.infer<typeof tableConfigurationSchema>;

export const workflowFileSchema = z.strictObject({
  tables: z.array(tableConfigurationSchema).min(1, 'The workflow has no tables.'),
  defaultTableConfiguration: tableConfigurationSchema.optional(),
  affinity: z.string().optional(),
  createMissingTargets: z.boolean().optional(),
  options: z.record(z.string(), z.unknown()).optional(),
});
export type WorkflowFile = z.infer<typeof workflowFileSchema>;
