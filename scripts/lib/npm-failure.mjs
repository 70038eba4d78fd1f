import { ScriptError } from './script-error.mjs';

/**
 * Turns npm's output into a sentence that says what to do.
 * @param {string} what the thing that was tried, as a noun ("the dependencies")
 * @param {{ code: number | null, stderr: string, stdout: string, error: Error | null, timedOut: boolean }} result
 * @returns {ScriptError}
 */
export function toNpmFailure(what, result) {
  if (result.error) {
    return new ScriptError(
      `npm could not be started (${result.error.message}). Install Node.js with npm and try again.`,
    );
  }
  if (result.timedOut) {
    return new ScriptError(
      `Fetching ${what} took too long and was stopped. Check the network and run the command again.`,
    );
  }
  const text = `${result.stderr}\n${result.stdout}`;
  const known = table.find(({ pattern }) => pattern.test(text));
  const lines = text.split('\n').filter((line) => /npm error|npm ERR!/.test(line));
  const detail = lines
    .filter((line) => !/npm (error|ERR!)\s*(at .*|A complete log .*)?$/.test(line))
    .slice(0, 4)
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '  '))
    .join('\n');
  return new ScriptError(
    known
      ? `${known.sentence(what)}\n${detail}`.trimEnd()
      : `npm could not fetch ${what} (exit code ${result.code}).\n${detail || text.trim().slice(-1500)}`,
  );
}

const table = [
  {
    pattern: /\bENOSPC\b|no space left/i,
    sentence: (what) => `The disk is full: ${what} could not be stored. Free some space and run the command again.`,
  },
  {
    pattern: /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EIDLETIMEOUT)\b/,
    sentence: (what) =>
      `The npm registry cannot be reached, so ${what} could not be fetched. Check the network, the proxy and "npm config get registry", then run the command again.`,
  },
  {
    pattern: /\bE(401|403)\b/,
    sentence: (what) =>
      `The npm registry refused to hand out ${what}. Check "npm config get registry" and the access it asks for.`,
  },
  {
    pattern: /\bE404\b|\bETARGET\b/,
    sentence: (what) =>
      `The npm registry does not have ${what} in the wanted version. Check "npm config get registry": a mirror may be incomplete.`,
  },
  {
    pattern: /\bEINTEGRITY\b/,
    sentence: (what) =>
      `What the registry sent for ${what} does not match its checksum and was thrown away. Run "npm cache verify" and try again.`,
  },
  {
    pattern: /\bEUSAGE\b|can only install packages when/,
    sentence: () =>
      'package.json and package-lock.json do not fit together. Run "npm install" once and commit the lock file.',
  },
  {
    pattern: /\b(EACCES|EPERM|EROFS)\b/,
    sentence: (what) => `No permission to store ${what}. Check who owns the checkout and npm's cache folder.`,
  },
];
