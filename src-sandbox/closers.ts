/** What was started, to be stopped in the opposite order. */
export type Closers = {
  /** What is added after closeAll is closed at once: a start that was under way when the stop came. */
  add(close: () => Promise<void> | void): void;
  /** Goes on after a failure, which is logged. */
  closeAll(): Promise<void>;
};

export function createClosers(log: (line: string) => void): Closers {
  const stack: (() => Promise<void> | void)[] = [];
  let closing: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    for (let close = stack.pop(); close !== undefined; close = stack.pop()) {
      try {
        await close();
      } catch (error) {
        log(`stopping: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  return {
    add(close) {
      stack.push(close);
      if (closing) closing = closing.then(run);
    },
    closeAll() {
      closing = closing ? closing.then(run) : run();
      return closing;
    },
  };
}
