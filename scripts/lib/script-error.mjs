/** A failure that is told to the user as it stands: one or two sentences, no stack. */
export class ScriptError extends Error {
  /**
   * @param {string} message what happened and what to do
   * @param {{ exitCode?: number, cause?: unknown }} [options]
   */
  constructor(message, { exitCode = 1, cause } = {}) {
    super(message, { cause });
    this.name = 'ScriptError';
    this.exitCode = exitCode;
  }
}

/**
 * Runs a script's main function; a ScriptError becomes its sentence on stderr and its exit code, known system errors a sentence too,
 * everything else keeps its stack.
 * @param {() => Promise<number | void> | number | void} main returns the exit code
 */
export async function runScript(main) {
  try {
    const code = await main();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    const told = error instanceof ScriptError ? error : toScriptError(error);
    process.stderr.write(told ? `${told.message}\n` : `${error?.stack ?? error}\n`);
    process.exitCode = told?.exitCode ?? 1;
  }
}

/** The sentence for a system error that says enough by its code, or null. */
export function toScriptError(error) {
  const where = error?.path ? ` (${error.path})` : '';
  switch (error?.code) {
    case 'ENOSPC':
      return new ScriptError(`The disk is full${where}. Free some space and run the command again.`, { cause: error });
    case 'EDQUOT':
      return new ScriptError(`The disk quota is used up${where}. Free some space and run the command again.`, {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ScriptError(`No permission to write${where}. Check who owns the folder and run the command again.`, {
        cause: error,
      });
    default:
      return null;
  }
}
