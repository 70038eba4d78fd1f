import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { InternalStore } from './internal-store.ts';

/** What a PUT or GET statement hands to the client: where to write or read, and the token that allows only that. */
export interface TransferGrant {
  /** `<bucket>/<folder>/`; the client appends file names to it. */
  readonly location: string;
  readonly token: string;
}

export interface ObjectStore {
  /** Opens `prefix` of an internal stage to one client for an hour; `write` also allows uploads. */
  grant(stageId: string, prefix: string, access: 'read' | 'write'): TransferGrant;
  /** Answers a request whose URL path starts with `/gcs/`. */
  handleObjectRequest(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Grant {
  stageId: string;
  prefix: string;
  access: 'read' | 'write';
  token: string;
  expiresAt: number;
}

const BUCKET = 'internal-stages';
const ROUTE = `/gcs/${BUCKET}/`;
const HOUR = 3_600_000;

/**
 * The object store behind internal stages, in the part of Google Cloud Storage's XML protocol that the vendor's clients use for
 * PUT and GET: HEAD, PUT and GET of one object, a bearer token per statement, `x-goog-meta-*` headers given back.
 * The folder in the URL is an opaque name, so that no stage path has to survive a URL.
 */
export function createObjectStore(store: InternalStore, now: () => number = Date.now): ObjectStore {
  const grants = new Map<string, Grant>();

  return {
    grant(stageId, prefix, access) {
      for (const [id, old] of grants) {
        if (old.expiresAt < now()) {
          grants.delete(id);
        }
      }
      const id = randomBytes(12).toString('hex');
      const token = randomBytes(32).toString('base64url');
      grants.set(id, { stageId, prefix, access, token, expiresAt: now() + HOUR });
      return { location: `${BUCKET}/${id}/`, token };
    },
    async handleObjectRequest(request, response) {
      const target = readTarget(request);
      const grant = target && grants.get(target.grantId);
      if (!target || !grant || grant.expiresAt < now() || !hasToken(request, grant.token)) {
        request.resume();
        refuse(response, 401, 'AuthenticationRequired', 'Authentication required.');
        return;
      }
      const path = grant.prefix + target.name;
      if (request.method === 'PUT' && grant.access === 'write') {
        await store.write(grant.stageId, path, request, customMetadata(request));
        response.writeHead(200).end();
      } else if (request.method === 'HEAD' || request.method === 'GET') {
        request.resume();
        await answerRead({ store, stageId: grant.stageId, path, withBody: request.method === 'GET' }, response);
      } else {
        request.resume();
        refuse(response, 403, 'AccessDenied', 'Access denied.');
      }
    },
  };
}

async function answerRead(
  read: { store: InternalStore; stageId: string; path: string; withBody: boolean },
  response: ServerResponse,
): Promise<void> {
  const file = read.store.find(read.stageId, read.path);
  if (!file) {
    refuse(response, 404, 'NoSuchKey', 'The specified key does not exist.');
    return;
  }
  response.writeHead(200, {
    ...file.metadata,
    'content-type': 'application/octet-stream',
    'content-length': file.size,
    'last-modified': file.lastModified.toUTCString(),
    etag: `"${file.md5}"`,
  });
  if (!read.withBody) {
    response.end();
    return;
  }
  await pipeline(read.store.read(read.stageId, read.path), response);
}

function readTarget(request: IncomingMessage): { grantId: string; name: string } | undefined {
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (!path.startsWith(ROUTE)) {
    return undefined;
  }
  const slash = path.indexOf('/', ROUTE.length);
  if (slash < 0) {
    return undefined;
  }
  try {
    return { grantId: path.slice(ROUTE.length, slash), name: decodeURIComponent(path.slice(slash + 1)) };
  } catch {
    return undefined;
  }
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function customMetadata(request: IncomingMessage): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith('x-goog-meta-') && typeof value === 'string') {
      metadata[name] = value;
    }
  }
  return metadata;
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const body = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response
    .writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
