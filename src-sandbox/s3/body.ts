import { createHash } from 'node:crypto';
import type { Authenticated } from './authenticate.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { CHECKSUM_ALGORITHMS, checksumHeader, createChecksum, digestLength, isChecksumAlgorithm } from './checksums.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

export type ReceivedBody = {
  size: number;
  md5: Buffer;
  /** The checksum that the request carried (verified), in base64. */
  checksum: { algorithm: ChecksumAlgorithm; value: string } | null;
};

const MAX_OBJECT_BYTES = 5 * 1024 ** 3;

/**
 * Reads the whole body into `write`, decodes aws-chunked, and verifies length, Content-MD5, x-amz-content-sha256, chunk signatures and checksums.
 * Throws S3Error after the last byte at the latest; what was written must be discarded then.
 */
export async function receiveBody(
  request: S3Request,
  auth: Authenticated,
  write: (chunk: Buffer) => Promise<void> | void,
): Promise<ReceivedBody> {
  const { headers } = request;
  const isChunked = auth.payloadHash.startsWith('STREAMING-');
  const expectedSize = expectedLength(headers, isChunked);
  if (expectedSize > MAX_OBJECT_BYTES) {
    throw new S3Error('EntityTooLarge', {
      details: { ProposedSize: String(expectedSize), MaxSizeAllowed: String(MAX_OBJECT_BYTES) },
    });
  }
  const contentMd5 = parseContentMd5(headers['content-md5']);
  const trailers = new Map<string, string>();
  const declared = declaredChecksum(headers);
  const checksum = declared ? createChecksum(declared.algorithm) : null;
  const md5 = createHash('md5');
  const sha256 = /^[0-9a-f]{64}$/.test(auth.payloadHash) ? createHash('sha256') : null;
  // Not destroyed when left early: the error must still reach the client on this connection.
  const incoming = request.message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const source = isChunked
    ? decodeAwsChunked(incoming, {
        signing: auth.chunkSigning,
        hasTrailer: auth.payloadHash.endsWith('-TRAILER'),
        trailers,
      })
    : incoming;
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > expectedSize) throw new S3Error('IncompleteBody');
    md5.update(chunk);
    sha256?.update(chunk);
    checksum?.update(chunk);
    await write(chunk);
  }
  if (size !== expectedSize) {
    throw new S3Error('IncompleteBody', {
      message: 'You did not provide the number of bytes specified by the Content-Length HTTP header',
    });
  }
  if (sha256 && sha256.digest('hex') !== auth.payloadHash) throw new S3Error('XAmzContentSHA256Mismatch');
  const digest = md5.digest();
  if (contentMd5 && !contentMd5.equals(digest)) throw new S3Error('BadDigest');
  return { size, md5: digest, checksum: verifiedChecksum(declared, checksum?.digest(), trailers) };
}

/** For the XML documents that some operations take. */
export async function receiveDocument(
  request: S3Request,
  auth: Authenticated,
): Promise<{ text: string; body: ReceivedBody }> {
  const maxBytes = 2 * 1024 * 1024;
  const chunks: Buffer[] = [];
  let size = 0;
  const body = await receiveBody(request, auth, (chunk) => {
    size += chunk.length;
    if (size > maxBytes) throw new S3Error('MalformedXML');
    chunks.push(chunk);
  });
  return { text: Buffer.concat(chunks).toString('utf8'), body };
}

function expectedLength(headers: Record<string, string>, isChunked: boolean): number {
  const text = isChunked ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (text === undefined) {
    if (!isChunked && headers['transfer-encoding'] !== undefined) {
      throw new S3Error('NotImplemented', { details: { Header: 'Transfer-Encoding' } });
    }
    throw new S3Error('MissingContentLength');
  }
  if (!/^\d{1,15}$/.test(text)) throw new S3Error('InvalidArgument', { message: 'The content length is not a number' });
  return Number(text);
}

function parseContentMd5(header: string | undefined): Buffer | null {
  if (header === undefined) return null;
  const bytes = Buffer.from(header, 'base64');
  if (bytes.length !== 16) throw new S3Error('InvalidDigest');
  return bytes;
}

type DeclaredChecksum = { algorithm: ChecksumAlgorithm; value: string | null };

/** The value is null when it is to come in the trailer. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
function declaredChecksum(headers: Record<string, string>): DeclaredChecksum | null {
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => headers[checksumHeader(algorithm)] !== undefined);
  if (given.length > 1) {
    throw new S3Error('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  const sdkAlgorithm = headers['x-amz-sdk-checksum-algorithm'];
  if (sdkAlgorithm !== undefined && !isChecksumAlgorithm(sdkAlgorithm)) {
    throw new S3Error('InvalidRequest', { message: `Value for x-amz-sdk-checksum-algorithm header is invalid.` });
  }
  const [algorithm] = given;
  if (algorithm) return { algorithm, value: headers[checksumHeader(algorithm)] as string };
  const trailer = headers['x-amz-trailer']?.toLowerCase();
  if (trailer === undefined) return null;
  const trailing = CHECKSUM_ALGORITHMS.find((candidate) => checksumHeader(candidate) === trailer);
  if (!trailing) {
    throw new S3Error('InvalidRequest', {
      message: 'The value specified in the x-amz-trailer header is not supported',
    });
  }
  return { algorithm: trailing, value: null };
}

function verifiedChecksum(
  declared: DeclaredChecksum | null,
  computed: Buffer | undefined,
  trailers: Map<string, string>,
): ReceivedBody['checksum'] {
  if (!declared || !computed) return null;
  const { algorithm } = declared;
  const value = declared.value ?? trailers.get(checksumHeader(algorithm));
  if (value === undefined) {
    throw new S3Error('InvalidRequest', { message: 'The trailer that the x-amz-trailer header announced is missing' });
  }
  if (Buffer.from(value, 'base64').length !== digestLength(algorithm)) {
    throw new S3Error('InvalidRequest', { message: `Value for ${checksumHeader(algorithm)} header is invalid.` });
  }
  if (value !== computed.toString('base64')) {
    throw new S3Error('BadDigest', {
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    });
  }
  return { algorithm, value };
}
