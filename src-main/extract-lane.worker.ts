import { parentPort, workerData } from 'node:worker_threads';
import type { OpenReader } from './extract/extract-rows.ts';
import type { LaneData } from './extract/lane-messages.ts';
import { serveLane } from './extract/serve-lane.ts';

/** The thread of an extraction lane: the one place where the engine meets the readers of the sources. A lane loads the driver of its source only. */
const { settings, secrets, disk, lane } = workerData as LaneData;

const openReader: OpenReader = async (request, options) => {
  switch (settings.kind) {
    case 'redshift': {
      const { openRedshiftReader } = await import('./sources/redshift/read-rows.ts');
      return openRedshiftReader({ settings, secrets, request }, options);
    }
    case 'sqlserver': {
      const { openSqlServerReader } = await import('./sources/sqlserver/read-rows.ts');
      return openSqlServerReader({ settings, secrets, request }, options);
    }
  }
};

if (!parentPort) throw new Error('This file runs as a worker thread.');
serveLane(parentPort, { openReader, disk, lane });
