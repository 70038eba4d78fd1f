import { projectSchema, runOptionsSchema, targetRuleSchema, type Project } from '#shared/model/project';

/** A project with nothing entered yet, for tests and the page bench. */
export function sampleProject(parts: Partial<Project> = {}): Project {
  return projectSchema.parse({
    id: 'p1',
    name: 'Sales warehouse',
    createdAt: '2026-01-05T08:00:00.000Z',
    updatedAt: '2026-01-05T08:00:00.000Z',
    revision: 1,
    sourceKind: 'redshift',
    strategy: 'unload',
    source: null,
    snowflake: null,
    staging: null,
    drafts: {},
    targetRule: targetRuleSchema.parse({}),
    selection: [],
    options: runOptionsSchema.parse({}),
    sourceTest: null,
    snowflakeTest: null,
    stagingCheck: null,
    lastRunId: null,
    ...parts,
  });
}
