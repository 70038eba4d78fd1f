import type { SqlError } from '../errors.ts';
import type { DatabaseMetadata } from '../metadata.ts';
import { mayUse } from '../permissions.ts';
import { principalOf } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';

/** Throws `refusal()` unless the caller holds ALTER on the object. */
export function requireAlter(
  context: StatementContext,
  database: DatabaseMetadata,
  object: { schemaId: number; objectId: number },
  refusal: () => SqlError,
): void {
  const { login } = context.session;
  const principal = principalOf(database, login);
  if (
    principal !== null &&
    mayUse({ database, principal, login }, 'ALTER', { schemaId: object.schemaId, objectId: object.objectId })
  )
    return;
  throw refusal();
}
