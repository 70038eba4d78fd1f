import type { MigrationPlan } from '#shared/model/plan';
import type { StageRef } from '../targets/target.ts';

const INTERNAL_STAGE = 'SNOWFERRY_STAGE';

type PlacePlan = Pick<MigrationPlan, 'staging' | 'options'>;

/** The stage through which the files of a run go: the user's, or without S3 the internal one beside the ledger. */
export function planStage({ staging, options }: PlacePlan): StageRef {
  return staging?.stage ?? { ...options.ledger, name: INTERNAL_STAGE };
}

/** An attempt's directory below the stage. */
export function stagePath({ stagePrefix }: Pick<MigrationPlan, 'stagePrefix'>, attemptPath: string): string {
  return `${stagePrefix}${attemptPath}`;
}

/** For people: `s3://bucket/prefix/<attempt>` or `@DB.SCHEMA.STAGE/<attempt>`. */
export function placeLabel(plan: PlacePlan, attemptPath: string): string {
  if (plan.staging) return `${plan.staging.s3Uri}${attemptPath}`;
  const { database, schema, name } = planStage(plan);
  return `@${database}.${schema}.${name}/${attemptPath}`;
}
