import type * as nodeTls from 'node:tls';
import type { TlsSettings } from '#shared/model/connection-settings';
import { trustedRoots } from '../../lib/trusted-roots.ts';

/** Options of tls.connect for a TLS mode; false when the connection is not encrypted. */
export type TlsOptions = false | nodeTls.ConnectionOptions;

const CA_FIELD = 'source.tls.caFile';

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
      return {
        ca: await trustedRoots(settings.caFile, CA_FIELD),
        minVersion: 'TLSv1.2',
        checkServerIdentity: () => undefined,
      };
    case 'verify-full':
      return { ca: await trustedRoots(settings.caFile, CA_FIELD), minVersion: 'TLSv1.2' };
  }
}
