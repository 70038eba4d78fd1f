import { createFaultInjector } from './faults.ts';
import type { FaultPlan } from './faults.ts';
import { startSnowflake } from './snowflake/server.ts';
import type { SnowflakeOptions } from './snowflake/server.ts';
import { runAsChild } from './start-child.ts';

/** What the parent sends; plain data. Fired faults come back as reports; another plan may be told at any time. */
export type SnowflakeChildOptions = { options: SnowflakeOptions; faultPlan: FaultPlan };

runAsChild(async (given, report) => {
  const { options, faultPlan } = given as SnowflakeChildOptions;
  const faults = createFaultInjector(faultPlan, report);
  const standIn = await startSnowflake({ ...options, onRequest: faults.hook('snowflake') });
  return {
    value: { accessUrl: standIn.accessUrl },
    onTold: (plan) => faults.replace(plan as FaultPlan),
    close: () => standIn.close(),
  };
});
