import { randomBytes, timingSafeEqual } from 'node:crypto';

/** What a temporary password stands for. */
export type DatabaseGrant = {
  /** The database user that the session is to run as: `ada` for `IAM:ada` of GetClusterCredentials, the whole of `IAM:ada` or `IAMR:role` where the user is the identity itself. */
  databaseUser: string;
  /** Null: every database. */
  database: string | null;
  /** Create the user with PUBLIC's rights when it does not exist. */
  autoCreate: boolean;
  expiresAt: Date;
};

/** The part that a Redshift endpoint needs. */
export interface TemporaryDatabaseCredentials {
  /** Null: the user was never handed out, the password is wrong, or it has expired. */
  verify(user: string, password: string): DatabaseGrant | null;
}

export type IssuedDatabaseCredentials = { user: string; password: string; expiresAt: Date };

export interface TemporaryDatabaseCredentialStore extends TemporaryDatabaseCredentials {
  /** `user` is the name for the login, with its `IAM:`, `IAMA:` or `IAMR:` prefix. */
  issue(grant: {
    user: string;
    databaseUser: string;
    database: string | null;
    autoCreate: boolean;
    durationSeconds: number;
  }): IssuedDatabaseCredentials;
}

/** Passwords handed out by GetClusterCredentials, GetClusterCredentialsWithIAM and GetCredentials, until they expire. */
export function createTemporaryDatabaseCredentials(now: () => number = Date.now): TemporaryDatabaseCredentialStore {
  const grants = new Map<string, { password: Buffer; grant: DatabaseGrant }[]>();
  return {
    issue({ user, databaseUser, database, autoCreate, durationSeconds }) {
      const password = randomBytes(48).toString('base64url');
      const expiresAt = new Date(now() + durationSeconds * 1000);
      const valid = (grants.get(user) ?? []).filter(({ grant }) => grant.expiresAt.getTime() > now());
      grants.set(user, [
        ...valid,
        { password: Buffer.from(password), grant: { databaseUser, database, autoCreate, expiresAt } },
      ]);
      return { user, password, expiresAt };
    },
    verify(user, password) {
      const given = Buffer.from(password);
      const found = grants
        .get(user)
        ?.find((entry) => entry.password.length === given.length && timingSafeEqual(entry.password, given));
      return found && found.grant.expiresAt.getTime() > now() ? found.grant : null;
    },
  };
}
