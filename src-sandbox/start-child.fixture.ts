import { runAsChild } from './start-child.ts';

type FixtureOptions = { name: string; fails?: boolean; exits?: boolean; hangs?: boolean };

runAsChild((given, report) => {
  const options = given as FixtureOptions;
  if (options.exits) process.exit(7);
  if (options.fails) return Promise.reject(new Error('the port is taken'));
  process.stdout.write(`${options.name} says hello\n`);
  report({ from: options.name });
  const close = (): Promise<void> => (options.hangs ? new Promise(() => undefined) : Promise.resolve());
  return Promise.resolve({ value: { name: options.name, argv: process.argv.slice(2) }, close });
});
