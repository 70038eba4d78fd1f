import { unsupportedFeature } from './stage-errors.ts';

/** A file made for an unload, still local. Sizes in bytes; `inputBytes` before compression. */
export interface UnloadedFile {
  file: string;
  rows: number;
  inputBytes: number;
  outputBytes: number;
}

/** @throws 000002 for a compression that files can be read with but not written here */
export function unsupportedCompression(name: string): Error {
  return unsupportedFeature(`COMPRESSION = ${name} for unloading in the practice environment`);
}
