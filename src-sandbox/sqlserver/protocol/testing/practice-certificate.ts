import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../../redshift/tls/', import.meta.url);

/** A certificate for localhost and 127.0.0.1 with its key, and the authority that signed it: the practice environment's own. */
export const PRACTICE_CERTIFICATE = {
  key: readFileSync(new URL('server.key', FOLDER), 'utf8'),
  cert: readFileSync(new URL('server.pem', FOLDER), 'utf8'),
  ca: readFileSync(new URL('ca.pem', FOLDER), 'utf8'),
};
