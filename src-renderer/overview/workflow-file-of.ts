import type { PartitionSize, Project, TableSelection } from '#shared/model/project';
import { tableKey, type TableRef } from '#shared/model/table';
import type { TableConfiguration, WorkflowFile } from '#shared/model/workflow-file';

/**
 * The project as the workflow file that the command line runs. `targets` are the tables in Snowflake by `tableKey` of their source; a table without one is
 * named after its source. Names are written in quotes, so that they stay as they are. What a workflow file cannot say is told by `notInWorkflowFile`.
 */
export function workflowFileOf(project: Project, targets: ReadonlyMap<string, TableRef>): WorkflowFile {
  const { existingRows, createMissingTargets, ...options } = project.options;
  return {
    tables: project.selection.map((selection) => tableOf(selection, targets.get(tableKey(selection.source)))),
    defaultTableConfiguration: { extraction: extractionOf(project), existingRows },
    createMissingTargets,
    options,
  };
}

/** Decisions of the project that get lost in a workflow file, as sentences. */
export function notInWorkflowFile({ selection }: Project): string[] {
  return selection.flatMap(({ source, columns }) => {
    const lost = columns.filter(({ handling, targetType }) => handling !== 'carry' || targetType !== null);
    const names = lost.map(({ sourceName }) => sourceName).join(', ');
    return lost.length === 0
      ? []
      : [`${source.schema}.${source.name}: what is decided for the columns ${names} has no place in a workflow file.`];
  });
}

function extractionOf({ strategy, staging }: Project): NonNullable<TableConfiguration['extraction']> {
  if (strategy === 'regular' || staging === null) return { strategy: 'regular' };
  const { database, schema, name } = staging.stage;
  return { strategy, externalStage: [database, schema, name].map(quoted).join('.') };
}

function tableOf(selection: TableSelection, target: TableRef | undefined): TableConfiguration {
  const { source, partitionBy, partitionSize, existingRows, where, columns, typeMappings } = selection;
  const renamed = columns.flatMap(({ sourceName, targetName }) =>
    targetName === null ? [] : [{ sourceName: quoted(sourceName), targetName: quoted(targetName) }],
  );
  return {
    source: identifierOf(source),
    target: identifierOf(target ?? source),
    ...(existingRows !== null && { existingRows }),
    ...(partitionBy !== null && { columnNamesToPartitionBy: partitionBy.map(quoted) }),
    ...(partitionSize !== null && { partitionSize: sizeOf(partitionSize) }),
    ...(where !== '' && { whereClauseCriteria: where }),
    ...(renamed.length > 0 && { columnNameMappings: renamed }),
    ...(typeMappings.length > 0 && { columnTypeMappings: typeMappings }),
  };
}

function sizeOf(size: PartitionSize): NonNullable<TableConfiguration['partitionSize']> {
  switch (size.kind) {
    case 'auto':
      return 'auto';
    case 'rows':
      return { maxRowsPerPartition: size.maxRowsPerPartition };
    case 'megabytes':
      return { targetSizeMb: size.targetSizeMb };
  }
}

function identifierOf({ database, schema, name }: TableRef): NonNullable<TableConfiguration['source']> {
  return { databaseName: quoted(database), schemaName: quoted(schema), tableName: quoted(name) };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
