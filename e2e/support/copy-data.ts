import { cp } from 'node:fs/promises';
import path from 'node:path';
import Database from 'libsql';

/** Copies what another computer would have of a data directory in use: projects, runs and the journal as it is at one moment. */
export async function copyData(from: string, to: string): Promise<void> {
  for (const name of ['projects', 'runs']) await cp(path.join(from, name), path.join(to, name), { recursive: true });
  const journal = new Database(path.join(from, 'journal.db'));
  journal.exec(`VACUUM INTO '${path.join(to, 'journal.db').replaceAll("'", "''")}'`);
  journal.close();
}
