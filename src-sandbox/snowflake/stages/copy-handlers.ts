import type { StatementHandler } from '../commands/command.ts';
import { copyIntoLocation } from './copy-into-location.ts';
import { copyIntoTable } from './copy-into-table.ts';
import { isUnload } from './copy-statement.ts';

/** COPY INTO <table> and COPY INTO <location>. */
export const copyHandlers: StatementHandler[] = [
  {
    name: 'COPY INTO <table>',
    matches: (reader) => reader.isWords('COPY', 'INTO') && !isUnload(reader),
    execute: (context, reader) => {
      reader.expectWords('COPY', 'INTO');
      return copyIntoTable(context, reader);
    },
  },
  {
    name: 'COPY INTO <location>',
    matches: (reader) => isUnload(reader),
    execute: (context, reader) => {
      reader.expectWords('COPY', 'INTO');
      return copyIntoLocation(context, reader);
    },
  },
];
