import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Closers } from './closers.ts';
import type { FaultPlan, FiredFault } from './faults.ts';
import type { SeedSchema } from './options.ts';
import type { SqlServerDescription } from './sandbox-description.ts';
import type { SqlServerChildOptions, SqlServerChildValue } from './sqlserver-child.ts';
import { startChild } from './start-child.ts';

const DATABASE = 'practice';
/** Bytes of answers that are kept with `--result-cache`: some million rows of lineitem. */
const RESULT_CACHE_BYTES = 2 * 1024 ** 3;
/** The practice environment has one authority for all its servers. */
const TLS_FOLDER = new URL('./redshift/tls/', import.meta.url);

type SqlServerSource = {
  description: SqlServerDescription;
  processId: number;
  setFaults(plan: FaultPlan): void;
};

/** Starts the SQL Server endpoint in a process of its own, where it also seeds itself. */
export async function startSqlServerSource(options: {
  dataDirectory: string;
  scale: number;
  schemas: SeedSchema[];
  resultCache: boolean;
  faultPlan: FaultPlan;
  onFired: (fault: FiredFault) => void;
  closers: Closers;
  log: (line: string) => void;
}): Promise<SqlServerSource> {
  const { closers, log, schemas, scale, faultPlan } = options;
  const login = (name: string) => ({ name, password: makePassword() });
  const owner = login('practice');
  const reader = login('reader');
  const guest = login('guest_only');
  const domainReader = { ...login('domain_reader'), domain: 'PRACTICE' };
  const entraToken = makePassword();
  const child = await startChild<SqlServerChildValue>({
    module: new URL('./sqlserver-child.ts', import.meta.url),
    options: {
      dataDirectory: join(options.dataDirectory, 'sqlserver'),
      database: DATABASE,
      owner,
      reader,
      stranger: guest,
      domainReader,
      entraToken,
      scale,
      schemas,
      resultCacheBytes: options.resultCache ? RESULT_CACHE_BYTES : null,
      tls: { key: pathOf('server.key'), certificate: pathOf('server.pem') },
      faultPlan,
    } satisfies SqlServerChildOptions,
    log: (line) => log(`sqlserver: ${line}`),
    onReport: (value) => options.onFired(value as FiredFault),
    onUnexpectedExit: (reason) => log(`The SQL Server endpoint ended: ${reason}.`),
  });
  closers.add(() => child.close());
  log('SQL Server is up.');
  const { port } = child.value;
  return {
    description: {
      // The name in the certificate.
      host: 'localhost',
      port,
      database: DATABASE,
      user: owner.name,
      password: owner.password,
      caFile: pathOf('ca.pem'),
      schemas,
      reader: { user: reader.name, password: reader.password },
      stranger: { user: guest.name, password: guest.password },
      domainReader: { domain: domainReader.domain, user: domainReader.name, password: domainReader.password },
      entraToken,
    },
    processId: child.processId,
    setFaults: (plan) => child.tell(plan),
  };
}

/** Long, and with the kinds of characters that the password policy of SQL Server wants. */
function makePassword(): string {
  return `Practice-1-${randomBytes(15).toString('base64url')}`;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, TLS_FOLDER));
}
