/** `node --import tsx src-main/ipc/testing/print-hostile-messages.ts <seed> <count>`: for stories over the real window, which know no code of main. */
import { hostileMessages } from './hostile-messages.ts';
import { revive } from './revive.ts';

const [seed = '1', count = '100'] = process.argv.slice(2);
process.stdout.write(
  JSON.stringify({ messages: hostileMessages(Number(seed), Number(count)), revive: revive.toString() }),
);
