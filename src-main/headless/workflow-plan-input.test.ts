import { describe, expect, it } from 'vitest';
import { connectionsFileSchema } from '#shared/model/connections-file';
import { workflowFileSchema } from '#shared/model/workflow-file';
import { readName, workflowPlanInput } from './workflow-plan-input.ts';

const connections = connectionsFileSchema.parse({
  source: { kind: 'redshift', host: 'h', database: 'dev', auth: { kind: 'password', user: 'u' }, tls: {} },
  snowflake: { connection: 'x' },
  staging: { s3Uri: 's3://bucket/path/', iamRole: 'default' },
});

const build = (workflow: unknown): ReturnType<typeof workflowPlanInput> =>
  workflowPlanInput(workflowFileSchema.parse(workflow), connections, '/w.json');
const unload = { strategy: 'unload', externalStage: 'DB.PUBLIC."my stage"' };

describe('a workflow file as plan input', () => {
  it('merges the defaults into each table, the table winning', () => {
    const input = build({
      defaultTableConfiguration: {
        source: { schemaName: 'Public' },
        target: { databaseName: 'target_db', schemaName: 'public' },
        extraction: unload,
        whereClauseCriteria: 'a = 1',
      },
      tables: [
        { source: { tableName: 'Customers' } },
        { source: { tableName: '"Mixed.Case"' }, target: { tableName: '"Mixed.Case"' }, whereClauseCriteria: 'b = 2' },
      ],
    });
    expect(input.strategy).toBe('unload');
    expect(input.staging?.stage).toEqual({ database: 'DB', schema: 'PUBLIC', name: 'my stage' });
    expect(input.selection.map(({ source, target, where }) => ({ source, target, where }))).toEqual([
      {
        source: { database: 'dev', schema: 'public', name: 'customers' },
        target: { database: 'TARGET_DB', schema: 'PUBLIC', name: 'CUSTOMERS' },
        where: 'a = 1',
      },
      {
        source: { database: 'dev', schema: 'public', name: 'Mixed.Case' },
        target: { database: 'TARGET_DB', schema: 'PUBLIC', name: 'Mixed.Case' },
        where: 'b = 2',
      },
    ]);
  });

  const table = { source: { schemaName: 's', tableName: 't' }, target: { databaseName: 'D' }, extraction: unload };
  it.each([
    ['auto', { kind: 'auto' }],
    [{ targetSizeMb: 2048 }, { kind: 'megabytes', targetSizeMb: 2048 }],
    [{ maxRowsPerPartition: 5 }, { kind: 'rows', maxRowsPerPartition: 5 }],
  ])('reads the partition size %j', (partitionSize, expected) => {
    expect(build({ tables: [{ ...table, partitionSize }] }).selection[0]?.partitionSize).toEqual(expected);
  });

  it('accepts the newer spelling of partition sizes', () => {
    expect(build({ tables: [{ ...table, targetPartitionSizeRows: 7 }] }).selection[0]?.partitionSize).toEqual({
      kind: 'rows',
      maxRowsPerPartition: 7,
    });
  });

  it.each([
    [{ ...table, synchronization: { strategy: 'checksum' } }, 'NOT_SUPPORTED', /checksum/],
    [{ ...table, target: { databaseName: 'D', tableType: 'iceberg' } }, 'NOT_SUPPORTED', /Iceberg/],
    [{ ...table, target: {} }, 'INPUT_INVALID', /databaseName/],
    [{ ...table, source: { tableName: 't' } }, 'INPUT_INVALID', /schemaName/],
    [{ ...table, source: { databaseName: 'other', schemaName: 's', tableName: 't' } }, 'INPUT_INVALID', /other/],
    [{ ...table, targetPartitionSizeRows: 1, targetPartitionSizeMb: 1 }, 'INPUT_INVALID', /not both/],
    [{ ...table, extraction: { strategy: 'unload', externalStage: 'STAGE' } }, 'INPUT_INVALID', /three parts/],
  ])('refuses by name what it cannot do: %j', (configuration, code, message) => {
    expect(() => build({ tables: [configuration] })).toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('refuses a property that the format does not have', () => {
    expect(workflowFileSchema.safeParse({ tables: [{ ...table, whereClause: 'x' }] }).success).toBe(false);
  });

  it.each([
    ['Orders', 'redshift', 'orders'],
    ['"Orders"', 'redshift', 'Orders'],
    ['"a""b"', 'redshift', 'a"b'],
    ['Orders', 'snowflake', 'ORDERS'],
    ['Orders', 'sqlserver', 'Orders'],
    ['[a]]b]', 'sqlserver', 'a]b'],
  ] as const)('reads the name %s of %s as %s', (text, dialect, name) => expect(readName(text, dialect)).toBe(name));
});
