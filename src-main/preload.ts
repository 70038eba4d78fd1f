import { contextBridge, ipcRenderer } from 'electron';
import {
  CALL_CHANNEL,
  CALL_NAMES,
  CANCEL_CHANNEL,
  EVENT_NAMES,
  eventChannel,
  type CallName,
  type EventName,
} from '#shared/ipc/channels';

const calls: ReadonlySet<string> = new Set(CALL_NAMES);
const events: ReadonlySet<string> = new Set(EVENT_NAMES);

/** The page's only way out: known calls and known events, plain data both ways. */
contextBridge.exposeInMainWorld('api', {
  invoke(name: CallName, input: unknown, callId: string): Promise<unknown> {
    if (!calls.has(name)) return Promise.reject(new Error(`There is no call named ${name}.`));
    return ipcRenderer.invoke(CALL_CHANNEL, { name, input, callId });
  },
  cancel(callId: string): void {
    ipcRenderer.send(CANCEL_CHANNEL, callId);
  },
  on(name: EventName, listener: (payload: unknown) => void): () => void {
    if (!events.has(name)) throw new Error(`There is no event named ${name}.`);
    const channel = eventChannel(name);
    const handler = (_event: unknown, payload: unknown): void => listener(payload);
    ipcRenderer.on(channel, handler);
    return () => ipcRenderer.removeListener(channel, handler);
  },
});
