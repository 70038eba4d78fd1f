import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError } from './api-error.ts';
import type { Iam, Principal } from './iam.ts';
import { callRedshift } from './redshift-api.ts';
import type { ClusterDescription } from './redshift-api.ts';
import { callRedshiftServerless } from './redshift-serverless-api.ts';
import type { WorkgroupDescription } from './redshift-serverless-api.ts';
import { callSts } from './sts-api.ts';
import type { TemporaryDatabaseCredentialStore } from './temporary-database-credentials.ts';
import { toJsonCode, verifyRequest } from './verify-request.ts';
import { toXml } from './xml.ts';

export type ControlPlaneOptions = {
  iam: Iam;
  credentials: TemporaryDatabaseCredentialStore;
  clusters: ClusterDescription[];
  workgroups: WorkgroupDescription[];
  /** 0, the default: any free port. */
  port?: number;
  now?: () => number;
};

export type ControlPlane = {
  /** For STS, Redshift and Redshift Serverless alike: the signature's scope says which one a call is for. */
  endpoint: string;
  close(): Promise<void>;
};

/** One verified call. */
export type ControlPlaneCall = {
  action: string;
  /** Parameters of the Query protocol; empty for JSON services. */
  parameters: Map<string, string>;
  principal: Principal;
  region: string;
  iam: Iam;
};

const MAX_BODY_BYTES = 1024 * 1024;
const QUERY_NAMESPACES: Record<string, string> = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  redshift: 'http://redshift.amazonaws.com/doc/2012-12-01/',
};

/** STS and the Redshift control planes on 127.0.0.1, for unmodified AWS SDK clients with an endpoint override. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const server = createServer((message, response) => {
    void answer(message, response, options).catch(() => message.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(message: IncomingMessage, response: ServerResponse, options: ControlPlaneOptions): Promise<void> {
  const requestId = randomUUID();
  const isJson = message.headers['content-type']?.startsWith('application/x-amz-json-1.1') ?? false;
  response.setHeader('x-amzn-requestid', requestId);
  try {
    const body = await readBody(message);
    if (message.url !== '/') throw new ApiError('UnknownOperationException', `There is nothing at ${message.url}`, 404);
    const verified = verifyRequest(message, body, { iam: options.iam, now: (options.now ?? Date.now)() });
    const base = { principal: verified.principal, region: verified.region, iam: options.iam };
    if (isJson) {
      const result = callJson(
        { ...base, service: verified.service, target: message.headers['x-amz-target'] },
        body,
        options,
      );
      send(response, 200, 'application/x-amz-json-1.1', JSON.stringify(result));
    } else {
      const parameters = new Map(new URLSearchParams(body.toString('utf8')));
      const action = parameters.get('Action') ?? '';
      const result = callQuery({ ...base, action, parameters }, verified.service, options);
      const document = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
      send(response, 200, 'text/xml', toXml(`${action}Response`, document, QUERY_NAMESPACES[verified.service]));
    }
  } catch (error) {
    const failure = error instanceof ApiError ? error : toInternal(error);
    if (isJson) {
      const code = toJsonCode(failure.code);
      response.setHeader('x-amzn-errortype', code);
      const status = failure.status === 403 ? 400 : failure.status;
      send(response, status, 'application/x-amz-json-1.1', JSON.stringify({ __type: code, message: failure.message }));
    } else {
      const type = failure.status < 500 ? 'Sender' : 'Receiver';
      const document = { Error: { Type: type, Code: failure.code, Message: failure.message }, RequestId: requestId };
      send(response, failure.status, 'text/xml', toXml('ErrorResponse', document));
    }
  }
}

function callQuery(call: ControlPlaneCall, service: string, options: ControlPlaneOptions) {
  if (service === 'sts') return callSts(call);
  if (service === 'redshift') return callRedshift(call, options);
  throw new ApiError(
    'SignatureDoesNotMatch',
    `Credential should be scoped to a service of this endpoint, not to '${service}'.`,
    403,
  );
}

function callJson(
  call: Omit<ControlPlaneCall, 'action' | 'parameters'> & { service: string; target: string | string[] | undefined },
  body: Buffer,
  options: ControlPlaneOptions,
): Record<string, unknown> {
  const [prefix, action] = String(call.target ?? '').split('.');
  if (call.service !== 'redshift-serverless' || prefix !== 'RedshiftServerless' || !action) {
    throw new ApiError('UnknownOperationException', 'The requested operation is not recognized by the service.', 404);
  }
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw new ApiError('SerializationException', 'The request body is not JSON.');
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ApiError('SerializationException', 'The request body is not a JSON object.');
  }
  return callRedshiftServerless({ ...call, action, parameters: new Map() }, input as Record<string, unknown>, options);
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new ApiError('RequestEntityTooLarge', 'The request is too large.', 413);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function toInternal(error: unknown): ApiError {
  process.stderr.write(`control plane: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new ApiError(
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
    500,
  );
}

function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
