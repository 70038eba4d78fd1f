/** Names of all calls and events. Imports nothing, so that the preload script stays one small file. */
export const CALL_NAMES = [
  'app.info',
  'app.settings',
  'app.saveSettings',
  'app.openExternal',
  'app.chooseFile',
  'app.closeWindow',
  'projects.list',
  'projects.create',
  'projects.get',
  'projects.update',
  'projects.duplicate',
  'projects.delete',
  'secrets.status',
  'secrets.set',
  'source.test',
  'source.listDatabases',
  'source.listTables',
  'source.describeTable',
  'source.preview',
  'source.parseConnectionText',
  'snowflake.namedConnections',
  'snowflake.test',
  'snowflake.list',
  'snowflake.stageDdl',
  'snowflake.createStage',
  'staging.check',
  'staging.policies',
  'staging.detectRegion',
  'tables.targets',
  'tables.detail',
  'plan.build',
  'plan.get',
  'plan.statements',
  'run.start',
  'run.pause',
  'run.resume',
  'run.cancel',
  'run.retry',
  'run.setLanes',
  'run.pauseTable',
  'run.resumeTable',
  'run.cancelTable',
  'run.retryTables',
  'run.setTableLanes',
  'run.continueWith',
  'run.errors',
  'run.unfinished',
  'run.journalFindings',
  'run.snapshot',
  'run.list',
  'run.partitions',
  'run.events',
  'run.export',
  'validation.run',
  'validation.latest',
  'practice.available',
  'practice.start',
] as const;
export type CallName = (typeof CALL_NAMES)[number];

export const EVENT_NAMES = [
  'run.changed',
  'staging.checkProgress',
  'projects.changed',
  'practice.progress',
  'validation.progress',
  'window.closeRequested',
  'menu.command',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** One channel for calls, one for cancelling them, one an event. */
export const CALL_CHANNEL = 'snowferry:call';
export const CANCEL_CHANNEL = 'snowferry:cancel';
export function eventChannel(name: EventName): string {
  return `snowferry:event:${name}`;
}
