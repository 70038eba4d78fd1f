import type { RunDelta } from '#shared/model/run';
import { compose, namedConnections, type Core, type RunSettings } from '../compose.ts';
import type { Log } from '../lib/log.ts';
import type { PlanInput } from '../migration/plan-input.ts';
import type { Source } from '../sources/source.ts';
import type { Target } from '../targets/target.ts';
import type { Arguments } from './arguments.ts';
import { readConnectionsFile, readWorkflowFile, type ReadConnections } from './read-files.ts';
import { workflowPlanInput } from './workflow-plan-input.ts';

/** The same core as the window's, with settings from files. */
export interface Headless {
  core: Core;
  planInput: PlanInput;
  openSource(): Source;
  openTarget(): Target;
  log: Log;
}

export interface OpenHeadlessOptions {
  environment: NodeJS.ProcessEnv;
  log: Log;
}

export async function openHeadless(parsed: Arguments, { environment, log }: OpenHeadlessOptions): Promise<Headless> {
  const workflow = await readWorkflowFile(parsed.workflowPath);
  const connections = await readConnectionsFile(parsed.connectionsPath, environment);
  for (const warning of connections.warnings) log('warn', warning);
  if (workflow.affinity)
    log('warn', 'The workflow names an affinity. Snowferry runs the whole workflow itself, so it has no effect.');
  const settings = await resolveSettings(connections);
  const core = compose({
    dataDirectory: parsed.dataDirectory,
    cipher: null,
    log,
    settingsOfRun: () => Promise.resolve(settings),
    onRunChange: (delta) => logEvents(delta, log),
    onRunEnd: () => undefined,
  });
  for (const { detail, setAside, rebuiltRuns, lostRuns } of core.journal.findings)
    log(
      'warn',
      `The journal was damaged (${detail}) and lies in ${setAside.join(', ')} now. ${rebuiltRuns.length} runs were rebuilt from their plans, ${lostRuns.length} are lost here; the ledger in Snowflake tells what is loaded.`,
    );
  return {
    core,
    planInput: workflowPlanInput(workflow, connections.file, parsed.workflowPath),
    openSource: () => core.openers.openSource(settings.source, settings.secrets),
    openTarget: () => core.openers.openTarget(settings.snowflake, settings.secrets),
    log,
  };
}

async function resolveSettings({ file, secrets }: ReadConnections): Promise<RunSettings> {
  if (!('connection' in file.snowflake)) return { source: file.source, snowflake: file.snowflake, secrets };
  const named = await namedConnections.resolve(file.snowflake.connection);
  return { source: file.source, snowflake: named.settings, secrets: { ...named.secrets, ...secrets } };
}

function logEvents(delta: RunDelta, log: Log): void {
  for (const event of delta.events) log(event.level === 'warning' ? 'warn' : event.level, event.text);
}
