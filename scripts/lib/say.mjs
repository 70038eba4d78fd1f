/** Progress for people, on stderr: stdout belongs to what a command was asked for. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}
