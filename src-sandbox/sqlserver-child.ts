import { readFileSync } from 'node:fs';
import { createFaultInjector } from './faults.ts';
import type { FaultPlan } from './faults.ts';
import type { SeedSchema } from './options.ts';
import { seedSqlServerTpch, seedSqlServerTypes } from './seed/sqlserver-load.ts';
import type { SqlServerSeedTarget } from './seed/sqlserver-load.ts';
import { createEngine } from './sqlserver/engine/create-engine.ts';
import type { SqlServerEngine } from './sqlserver/engine/create-engine.ts';
import { startTdsServer } from './sqlserver/server.ts';
import { runAsChild } from './start-child.ts';

type Login = { name: string; password: string };

/** What the parent sends; plain data. Fired faults come back as reports; another plan may be told at any time. */
export type SqlServerChildOptions = {
  dataDirectory: string;
  database: string;
  /** Owns the database. */
  owner: Login;
  /** May read every table. */
  reader: Login;
  /** Has no user in the database. */
  stranger: Login;
  /** May read too, and signs in by NTLM; the login of the engine is `domain\\name`. */
  domainReader: Login & { domain: string };
  /** A token of Microsoft Entra ID that stands for the reader. */
  entraToken: string;
  scale: number;
  schemas: SeedSchema[];
  /** null: every answer is made anew. */
  resultCacheBytes: number | null;
  /** Paths of PEM files. */
  tls: { key: string; certificate: string };
  faultPlan: FaultPlan;
};

export type SqlServerChildValue = { port: number };

runAsChild(async (given, report) => {
  const options = given as SqlServerChildOptions;
  const faults = createFaultInjector(options.faultPlan, report);
  const engine = await createEngine(toEngineOptions(options));
  await seed(engine, options);
  const server = await startTdsServer({
    engine,
    tls: {
      mode: 'offered',
      key: readFileSync(options.tls.key),
      cert: readFileSync(options.tls.certificate),
    },
    domainUsers: [{ ...options.domainReader, user: options.domainReader.name }],
    federated: {
      stsUrl: 'https://login.microsoftonline.com/practice',
      spn: 'https://database.windows.net/',
      checkToken: (token) =>
        Promise.resolve(
          token === options.entraToken ? { user: options.reader.name, password: options.reader.password } : null,
        ),
    },
    onMessage: faults.hook('sqlserver'),
    ...(options.resultCacheBytes === null ? {} : { resultCache: { maxBytes: options.resultCacheBytes } }),
  });
  return {
    value: { port: server.port } satisfies SqlServerChildValue,
    onTold: (plan) => faults.replace(plan as FaultPlan),
    close: async () => {
      await server.close();
      await engine.close();
    },
  };
});

/** A database that allows SNAPSHOT, and four logins. */
function toEngineOptions(options: SqlServerChildOptions): Parameters<typeof createEngine>[0] {
  const { database, owner, reader, stranger, domainReader } = options;
  const collation = 'SQL_Latin1_General_CP1_CI_AS';
  const login = ({ name, password }: Login, roles: string[] | null) => ({
    user: name,
    password,
    defaultDatabase: roles === null ? 'master' : database,
    databases: roles === null ? [] : [{ name: database, roles }],
  });
  return {
    dataDirectory: options.dataDirectory,
    databases: [{ name: database, collation, allowSnapshot: true, readCommittedSnapshot: false }],
    logins: [
      login(owner, ['db_owner']),
      login(reader, ['db_datareader']),
      login(stranger, null),
      login({ ...domainReader, name: `${domainReader.domain}\\${domainReader.name}` }, ['db_datareader']),
    ],
  };
}

async function seed(engine: SqlServerEngine, { database, schemas, scale }: SqlServerChildOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const session = await engine.openSession(database);
  const target: SqlServerSeedTarget = {
    session,
    load: (table, rows) => engine.bulkLoad({ database, ...table }, rows),
  };
  if (schemas.includes('tpch')) await seedSqlServerTpch(target, { scale, log });
  if (schemas.includes('types')) await seedSqlServerTypes(target, { log });
  await session.close();
}
