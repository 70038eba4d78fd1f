import { describe, expect, it } from 'vitest';
import { tableSelectionSchema } from '#shared/model/project';
import { tableKey } from '#shared/model/table';
import { workflowFileSchema } from '#shared/model/workflow-file';
import { sampleProject } from '../api/testing/sample-project.ts';
import { notInWorkflowFile, workflowFileOf } from './workflow-file-of.ts';

const source = { database: 'dev', schema: 'public', name: 'odd "name"' };
const plain = tableSelectionSchema.parse({ source });
const decided = tableSelectionSchema.parse({
  source: { ...source, name: 'orders' },
  existingRows: 'append',
  partitionBy: ['id'],
  partitionSize: { kind: 'rows', maxRowsPerPartition: 500 },
  where: "day > '2024-01-01'",
  columns: [
    { sourceName: 'id', targetName: 'KEY' },
    { sourceName: 'note', handling: 'leave-out' },
  ],
});
const targets = new Map([[tableKey(source), { database: 'RAW', schema: 'PUBLIC', name: 'ODD' }]]);
const project = sampleProject({ selection: [plain, decided], strategy: 'regular' });

describe('a project as a workflow file', () => {
  const file = workflowFileOf(project, targets);

  it('is one that the command line accepts', () => {
    expect(workflowFileSchema.parse(JSON.parse(JSON.stringify(file)))).toEqual(file);
  });

  it('quotes every name, and names targets as the project does', () => {
    expect(file.tables[0]).toEqual({
      source: { databaseName: '"dev"', schemaName: '"public"', tableName: '"odd ""name"""' },
      target: { databaseName: '"RAW"', schemaName: '"PUBLIC"', tableName: '"ODD"' },
    });
  });

  it('carries what is decided for a table, and for all', () => {
    expect(file.tables[1]).toMatchObject({
      existingRows: 'append',
      columnNamesToPartitionBy: ['"id"'],
      partitionSize: { maxRowsPerPartition: 500 },
      whereClauseCriteria: "day > '2024-01-01'",
      columnNameMappings: [{ sourceName: '"id"', targetName: '"KEY"' }],
    });
    expect(file.defaultTableConfiguration).toEqual({ extraction: { strategy: 'regular' }, existingRows: 'stop' });
    expect(file.options).toMatchObject({ unloadLanes: 4, cleanUp: 'on-success' });
  });

  it('names the stage of UNLOAD', () => {
    const staging = {
      stage: { database: 'D', schema: 'S', name: 'G' },
      s3Uri: 's3://bucket/x/',
      iamRole: 'default',
      region: '',
      encryption: { kind: 'none' as const },
      credentials: null,
      s3Endpoint: '',
    };
    expect(workflowFileOf(sampleProject({ staging }), targets).defaultTableConfiguration?.extraction).toEqual({
      strategy: 'unload',
      externalStage: '"D"."S"."G"',
    });
  });

  it('says what has no place in it', () => {
    expect(notInWorkflowFile(project)).toEqual([
      'public.orders: what is decided for the columns note has no place in a workflow file.',
    ]);
  });
});
