import { createFaultInjector } from './faults.ts';
import type { FaultPlan } from './faults.ts';
import { startSnowflake } from './snowflake/server.ts';
import type { SnowflakeOptions } from './snowflake/server.ts';
import { runAsChild } from './start-child.ts';

/** What the parent sends; plain data. Fired faults come back as reports. */
export type SnowflakeChildOptions = { options: SnowflakeOptions; faultPlan: FaultPlan | null };

runAsChild(async (given, report) => {
  const { options, faultPlan } = given as SnowflakeChildOptions;
  const faults = faultPlan ? createFaultInjector(faultPlan, report) : null;
  const standIn = await startSnowflake({ ...options, ...(faults ? { onRequest: faults.hook('snowflake') } : {}) });
  return { value: { accessUrl: standIn.accessUrl }, close: () => standIn.close() };
});
