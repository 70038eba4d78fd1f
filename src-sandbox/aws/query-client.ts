import { request } from 'node:http';
import type { AccessKey } from './iam.ts';
import { ALGORITHM, canonicalRequest, hmacHex, sha256Hex, signingKey, stringToSign, toAmzDate } from './sigv4.ts';
import { childText, findElement, parseXml } from './xml.ts';
import type { XmlNode } from './xml.ts';

export type QueryApiCall = {
  endpoint: string;
  credentials: AccessKey & { sessionToken?: string };
  /** `sts`, `redshift` */
  service: string;
  region: string;
  parameters: Record<string, string>;
};

/** The API's own refusal. */
export class QueryApiError extends Error {
  /** AccessDenied, ValidationError, ExpiredToken ... */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'QueryApiError';
    this.code = code;
  }
}

/** One signed call of the Query protocol over plain HTTP; throws QueryApiError for an error answer. */
export async function callQueryApi(call: QueryApiCall): Promise<XmlNode> {
  const body = new URLSearchParams(call.parameters).toString();
  const { status, text } = await post(call, body);
  const root = parseXml(text);
  if (status === 200) return root;
  const error = findElement(root, 'Error');
  throw new QueryApiError(
    (error && childText(error, 'Code')) ?? 'Unknown',
    (error && childText(error, 'Message')) ?? text,
  );
}

function post(call: QueryApiCall, body: string): Promise<{ status: number; text: string }> {
  const url = new URL(call.endpoint);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers: signedHeaders(call, url.host, body) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function signedHeaders(call: QueryApiCall, host: string, body: string): Record<string, string> {
  const { credentials, region, service } = call;
  const amzDate = toAmzDate(Date.now());
  const headers: Record<string, string> = {
    host,
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': amzDate,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const scope = { date: amzDate.slice(0, 8), region, service };
  const scopeText = `${scope.date}/${region}/${service}/aws4_request`;
  const canonical = canonicalRequest({
    method: 'POST',
    rawPath: '/',
    rawQuery: '',
    headers,
    signedHeaders: names,
    payloadHash: sha256Hex(body),
  });
  const signature = hmacHex(
    signingKey(credentials.secretAccessKey, scope),
    stringToSign({ amzDate, scope: scopeText, canonicalRequest: canonical }),
  );
  const authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeText}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}
