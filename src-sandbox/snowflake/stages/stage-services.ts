import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import type { ServerServices } from '../commands/command.ts';
import type { Credentials } from './external-store.ts';
import type { InternalStore } from './internal-store.ts';
import { createInternalStore } from './internal-store.ts';
import type { ObjectStore } from './object-store.ts';
import { createObjectStore } from './object-store.ts';

/** The server option `s3`: which endpoint stands for `s3://`, and who Snowflake is there. */
export interface S3Options {
  /** `http://127.0.0.1:PORT`; every `s3://` URL is served by it. */
  readonly endpoint: string;
  /** Region to sign for at first; redirects of buckets elsewhere are followed, as the vendor follows them. */
  readonly region: string;
  /** Where AssumeRole is asked for; the same endpoint when left out. */
  readonly stsEndpoint?: string;
  /** Snowflake's own IAM user: the ARN is shown by DESC INTEGRATION, the keys sign AssumeRole. */
  readonly iamUser: { readonly arn: string; readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What the stages engine keeps for the whole server. */
export interface StageServices {
  readonly store: InternalStore;
  readonly objects: ObjectStore;
  readonly s3: S3Options | undefined;
  /** Folder for copies of staged files while a statement reads them. */
  readonly fetchDirectory: string;
  /** Temporary credentials of roles, by role and external id. */
  readonly roleCredentials: Map<string, () => Promise<Credentials>>;
}

const KEY = 'stages';

/** The server's stages engine; made at the first use. */
export function stageServices(server: { services: ServerServices; catalog: Catalog }): StageServices {
  const { services, catalog } = server;
  const known = services.extensions.get(KEY) as StageServices | undefined;
  if (known) {
    return known;
  }
  const store = createInternalStore(join(services.dataDirectory, 'internal-stages'));
  const made: StageServices = {
    store,
    objects: createObjectStore(store, () => services.now().getTime()),
    s3: services.options['s3'] as S3Options | undefined,
    fetchDirectory: join(services.dataDirectory, 'fetched'),
    roleCredentials: new Map(),
  };
  services.extensions.set(KEY, made);
  catalog.onDropped((object) => {
    if (object.domain === 'STAGE') {
      void store.removeStage(internalStageId(object));
    }
  });
  return made;
}

/** The name of an internal stage, a table's or a user's stage in the store. */
export function internalStageId(owner: { domain: string; id: number }): string {
  return `${owner.domain.toLowerCase()}-${owner.id}`;
}

/** Answers the uploads and downloads of PUT and GET; to be mounted under `/gcs/`. */
export async function handleObjectRequest(
  services: ServerServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const engine = services.extensions.get(KEY) as StageServices | undefined;
  if (!engine) {
    request.resume();
    response.writeHead(401).end();
    return;
  }
  await engine.objects.handleObjectRequest(request, response);
}
