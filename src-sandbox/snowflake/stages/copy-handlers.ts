import type { StatementHandler } from '../commands/command.ts';
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
];
