import { describe, expect, it } from 'vitest';
import {
  EMPTY_SHA256,
  canonicalRequest,
  chunkStringToSign,
  hmacHex,
  parseAmzDate,
  parseAuthorization,
  sha256Hex,
  signingKey,
  stringToSign,
  toAmzDate,
  trailerStringToSign,
} from './sigv4.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const SCOPE = { date: '20130524', region: 'us-east-1', service: 's3' };
const SCOPE_TEXT = '20130524/us-east-1/s3/aws4_request';
const AMZ_DATE = '20130524T000000Z';
const KEY = signingKey(SECRET, SCOPE);

type Vector = {
  name: string;
  method?: string;
  rawPath: string;
  rawQuery?: string;
  headers: Record<string, string>;
  payloadHash?: string;
  signature: string;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, ...sigv4-query-string-auth.html, ...sigv4-streaming.html, ...sigv4-streaming-trailers.html */
const VECTORS: Vector[] = [
  {
    name: 'GET object with a range',
    rawPath: '/test.txt',
    headers: {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': EMPTY_SHA256,
      'x-amz-date': AMZ_DATE,
    },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT object whose key holds a dollar sign',
    method: 'PUT',
    rawPath: '/test%24file.text',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-content-sha256': sha256Hex('Welcome to Amazon S3.'),
      'x-amz-date': AMZ_DATE,
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    payloadHash: sha256Hex('Welcome to Amazon S3.'),
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET bucket lifecycle, a query without a value',
    rawPath: '/',
    rawQuery: 'lifecycle',
    headers: { host: 'examplebucket.s3.amazonaws.com', 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': AMZ_DATE },
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'GET bucket list',
    rawPath: '/',
    rawQuery: 'max-keys=2&prefix=J',
    headers: { host: 'examplebucket.s3.amazonaws.com', 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': AMZ_DATE },
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
  {
    name: 'presigned GET',
    rawPath: '/test.txt',
    rawQuery:
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    headers: { host: 'examplebucket.s3.amazonaws.com' },
    payloadHash: 'UNSIGNED-PAYLOAD',
    signature: 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  },
  {
    name: 'seed of a chunked PUT',
    method: 'PUT',
    rawPath: '/examplebucket/chunkObject.txt',
    headers: {
      'content-encoding': 'aws-chunked',
      'content-length': '66824',
      host: 's3.amazonaws.com',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-date': AMZ_DATE,
      'x-amz-decoded-content-length': '66560',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  },
  {
    name: 'seed of a chunked PUT with a trailer',
    method: 'PUT',
    rawPath: '/examplebucket/chunkObject.txt',
    headers: {
      'content-encoding': 'aws-chunked',
      host: 's3.amazonaws.com',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-date': AMZ_DATE,
      'x-amz-decoded-content-length': '66560',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-trailer': 'x-amz-checksum-crc32c',
    },
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    signature: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  },
];

describe('signature version 4', () => {
  it.each(VECTORS)(
    'agrees with the published example: $name',
    ({ method = 'GET', rawPath, rawQuery = '', headers, payloadHash, signature }) => {
      const canonical = canonicalRequest({
        method,
        rawPath,
        rawQuery,
        headers,
        signedHeaders: Object.keys(headers),
        payloadHash: payloadHash ?? EMPTY_SHA256,
        omitQuery: 'X-Amz-Signature',
      });
      expect(hmacHex(KEY, stringToSign({ amzDate: AMZ_DATE, scope: SCOPE_TEXT, canonicalRequest: canonical }))).toBe(
        signature,
      );
    },
  );

  it('agrees with the published chunk signatures of the chunked upload', () => {
    const sign = (previousSignature: string, chunk: Buffer) =>
      hmacHex(
        KEY,
        chunkStringToSign({ amzDate: AMZ_DATE, scope: SCOPE_TEXT, previousSignature, chunkSha256: sha256Hex(chunk) }),
      );
    const first = sign('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9', Buffer.alloc(65_536, 'a'));
    const second = sign(first, Buffer.alloc(1024, 'a'));
    expect([first, second, sign(second, Buffer.alloc(0))]).toEqual([
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ]);
  });

  it('agrees with the published signature of a trailing checksum', () => {
    const signature = hmacHex(
      KEY,
      trailerStringToSign({
        amzDate: AMZ_DATE,
        scope: SCOPE_TEXT,
        previousSignature: '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
        trailers: [['x-amz-checksum-crc32c', 'sOO8/Q==']],
      }),
    );
    expect(signature).toBe('d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435');
  });

  it('agrees with the get-vanilla case of the test suite', () => {
    const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' };
    const canonical = canonicalRequest({
      method: 'GET',
      rawPath: '/',
      rawQuery: '',
      headers,
      signedHeaders: Object.keys(headers),
      payloadHash: EMPTY_SHA256,
    });
    const key = signingKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', {
      date: '20150830',
      region: 'us-east-1',
      service: 'service',
    });
    const scope = '20150830/us-east-1/service/aws4_request';
    expect(hmacHex(key, stringToSign({ amzDate: '20150830T123600Z', scope, canonicalRequest: canonical }))).toBe(
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    );
  });

  it('takes an Authorization header apart, and refuses one of another shape', () => {
    const header = `AWS4-HMAC-SHA256 Credential=AKIA/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range, Signature=abc`;
    expect(parseAuthorization(header)).toEqual({
      accessKeyId: 'AKIA',
      ...SCOPE,
      signedHeaders: ['host', 'range'],
      signature: 'abc',
    });
    expect(parseAuthorization('AWS AKIA:abc')).toBeNull();
    expect(
      parseAuthorization('AWS4-HMAC-SHA256 Credential=AKIA/20130524/us-east-1/s3, SignedHeaders=host, Signature=a'),
    ).toBeNull();
  });

  it('reads and writes the basic form of ISO 8601', () => {
    expect(toAmzDate(parseAmzDate(AMZ_DATE))).toBe(AMZ_DATE);
    expect(parseAmzDate('2013-05-24T00:00:00Z')).toBeNaN();
  });
});
