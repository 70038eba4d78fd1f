import { readFile } from 'node:fs/promises';
import * as nodeTls from 'node:tls';
import { AppError } from '#shared/errors/app-error';
import type { TlsSettings } from '#shared/model/connection-settings';

/** Options of tls.connect for a TLS mode; false when the connection is not encrypted. */
export type TlsOptions = false | nodeTls.ConnectionOptions;

/**
 * `verify-full` checks chain and host name, `verify-ca` the chain only, `require` nothing. Redshift's certificates come from AWS Certificate Manager and
 * chain up to Amazon's public roots, which are in the root list that Node carries (Amazon Root CA 1 to 4, Starfield), so AWS's own bundle
 * (amazon-trust-ca-bundle.crt) is not needed beside it: https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-ssl-support.html
 * The system's own roots and the certificates of `caFile` are trusted as well. Throws FILE_NOT_READABLE for a file that is missing or holds no certificate.
 */
export async function createTlsOptions(settings: TlsSettings): Promise<TlsOptions> {
  switch (settings.mode) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false, minVersion: 'TLSv1.2' };
    case 'verify-ca':
      return { ca: await trustedRoots(settings.caFile), minVersion: 'TLSv1.2', checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ca: await trustedRoots(settings.caFile), minVersion: 'TLSv1.2' };
  }
}

async function trustedRoots(caFile: string): Promise<string[]> {
  const own = caFile === '' ? [] : [await readCertificates(caFile)];
  return [...nodeTls.rootCertificates, ...systemRoots(), ...own];
}

/** Present from Node 22.15 on. */
function systemRoots(): string[] {
  const getCACertificates = (nodeTls as { getCACertificates?: (kind: 'system') => string[] }).getCACertificates;
  try {
    return getCACertificates?.('system') ?? [];
  } catch {
    return [];
  }
}

async function readCertificates(caFile: string): Promise<string> {
  const fail = (detail: string, cause?: unknown): AppError =>
    new AppError('FILE_NOT_READABLE', { cause, facts: { path: caFile, detail }, field: 'source.tls.caFile' });
  let text: string;
  try {
    text = await readFile(caFile, 'utf8');
  } catch (error) {
    throw fail(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file does not exist' : String((error as Error).message),
      error,
    );
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw fail('it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)');
  return text;
}
