import { createFaultInjector } from './faults.ts';
import type { FaultPlan, SnowflakeFault } from './faults.ts';
import { startSnowflake } from './snowflake/server.ts';
import type { RequestFault, SnowflakeOptions } from './snowflake/server.ts';
import { runAsChild } from './start-child.ts';

/** What the parent sends; plain data. Fired faults come back as reports. */
export type SnowflakeChildOptions = { options: SnowflakeOptions; faultPlan: FaultPlan | null };

runAsChild(async (given, report) => {
  const { options, faultPlan } = given as SnowflakeChildOptions;
  const decide = faultPlan ? createFaultInjector(faultPlan, report).hook('snowflake') : null;
  const standIn = await startSnowflake({
    ...options,
    ...(decide ? { onRequest: (info) => toRequestFault(decide(info)) } : {}),
  });
  return { value: { accessUrl: standIn.accessUrl }, close: () => standIn.close() };
});

function toRequestFault(fault: SnowflakeFault | undefined): RequestFault {
  switch (fault?.kind) {
    case undefined:
      return 'pass';
    case 'drop':
      return 'drop';
    case 'delay':
      return { delayMs: fault.delayMs };
    case 'error':
      return { status: fault.status };
  }
}
