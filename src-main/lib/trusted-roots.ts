import { readFile } from 'node:fs/promises';
import * as nodeTls from 'node:tls';
import { AppError } from '#shared/errors/app-error';

/**
 * Certificates that a server may be signed by: Node's list, the system's own roots where Node tells them, and those of `caFile` unless it is empty. Throws
 * FILE_NOT_READABLE, which names `field`.
 */
export async function trustedRoots(caFile: string, field: string): Promise<string[]> {
  const own = caFile === '' ? [] : [await readCertificates(caFile, field)];
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

async function readCertificates(caFile: string, field: string): Promise<string> {
  const fail = (detail: string, cause?: unknown): AppError =>
    new AppError('FILE_NOT_READABLE', { cause, facts: { path: caFile, detail }, field });
  let text: string;
  try {
    text = await readFile(caFile, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw fail(isMissing ? 'the file does not exist' : String((error as Error).message), error);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw fail('it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)');
  return text;
}
