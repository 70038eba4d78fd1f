import { parentPort, workerData } from 'node:worker_threads';
import type { LaneData } from './extract/lane-messages.ts';
import { serveLane } from './extract/serve-lane.ts';
import { openRedshiftReader } from './sources/redshift/read-rows.ts';
import { openSqlServerReader } from './sources/sqlserver/read-rows.ts';

/** The thread of an extraction lane: the one place where the engine meets the readers of the sources. */
const { settings, secrets, disk, lane } = workerData as LaneData;

if (!parentPort) throw new Error('This file runs as a worker thread.');
serveLane(parentPort, {
  disk,
  lane,
  openReader(request, options) {
    switch (settings.kind) {
      case 'redshift':
        return openRedshiftReader({ settings, secrets, request }, options);
      case 'sqlserver':
        return openSqlServerReader({ settings, secrets, request }, options);
    }
  },
});
