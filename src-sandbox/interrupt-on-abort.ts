const AGAIN_MS = 50;

/**
 * Interrupts what a DuckDB connection runs once the signal is aborted, again and again until the answer is called: an interrupt that comes just before a
 * query starts is lost, and the query would run to its end.
 */
export function interruptOnAbort(connection: { interrupt(): void }, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => connection.interrupt();
  const begin = (): void => {
    interrupt();
    timer = setInterval(interrupt, AGAIN_MS);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return () => {
    clearInterval(timer);
    signal.removeEventListener('abort', begin);
  };
}
