import { ipcMain } from 'electron';
import { CALL_CHANNEL, CANCEL_CHANNEL } from '#shared/ipc/channels';
import { createCallDoor, type CallDoorOptions } from './call-door.ts';

/** Puts the door of all calls into Electron. */
export function registerHandlers(options: CallDoorOptions): void {
  const door = createCallDoor(options);
  ipcMain.handle(CALL_CHANNEL, (event, message: unknown) => door.answer(event, message));
  ipcMain.on(CANCEL_CHANNEL, (event, callId: unknown) => door.cancel(event, callId));
}
