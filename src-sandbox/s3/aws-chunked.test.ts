import { describe, expect, it } from 'vitest';
import { signingKey } from '../aws/sigv4.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { createChecksum } from './checksums.ts';

const SIGNING = {
  key: signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', { date: '20130524', region: 'us-east-1', service: 's3' }),
  amzDate: '20130524T000000Z',
  scope: '20130524/us-east-1/s3/aws4_request',
};
const DATA = Buffer.alloc(66_560, 'a');

/** The body of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html (or of ...-trailers.html), in pieces of `size` bytes. */
async function* body(
  size: number,
  change: (text: string) => string = (text) => text,
  hasTrailer = false,
): AsyncGenerator<Buffer> {
  const [first, second, last]: [string, string, string] = hasTrailer
    ? [
        'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
        '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
        '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
      ]
    : [
        'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
        '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
        'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
      ];
  const trailer = hasTrailer
    ? 'x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n'
    : '';
  const text = `10000;chunk-signature=${first}\r\n${'a'.repeat(65_536)}\r\n400;chunk-signature=${second}\r\n${'a'.repeat(1024)}\r\n0;chunk-signature=${last}\r\n${trailer}\r\n`;
  const bytes = Buffer.from(change(text));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decode(source: AsyncIterable<Buffer>, options: { isSigned?: boolean; hasTrailer?: boolean } = {}) {
  const { isSigned = true, hasTrailer = false } = options;
  const seedSignature = hasTrailer
    ? '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'
    : '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';
  const trailers = new Map<string, string>();
  const chunks: Buffer[] = [];
  const signing = isSigned ? { ...SIGNING, seedSignature } : null;
  for await (const chunk of decodeAwsChunked(source, { signing, hasTrailer, trailers })) chunks.push(chunk);
  return { data: Buffer.concat(chunks), trailers };
}

describe('aws-chunked', () => {
  it.each([7, 1000, 65_537, 1_000_000])(
    'decodes the published example when it comes in pieces of %i bytes',
    async (size) => {
      expect((await decode(body(size))).data.equals(DATA)).toBe(true);
    },
  );

  it('checks the published trailer, whose CRC32C is that of the bytes', async () => {
    const { data, trailers } = await decode(body(4096, undefined, true), { hasTrailer: true });
    const checksum = createChecksum('CRC32C');
    checksum.update(data);
    expect(trailers.get('x-amz-checksum-crc32c')).toBe(checksum.digest().toString('base64'));
  });

  it.each([
    ['a changed byte', (text: string) => text.replace('aaaaaaaa', 'aaaabaaa'), 'SignatureDoesNotMatch'],
    ['a missing signature', (text: string) => text.replace(/;chunk-signature=\w+/, ''), 'IncompleteBody'],
    ['a body that ends early', (text: string) => text.slice(0, 40_000), 'IncompleteBody'],
    ['a chunk without its end', (text: string) => text.replace('a\r\n400', 'a400'), 'IncompleteBody'],
    ['a size that is no number', (text: string) => text.replace('10000;', 'xyz;'), 'IncompleteBody'],
  ])('refuses %s', async (_name, change, code) => {
    await expect(decode(body(1000, change))).rejects.toMatchObject({ code });
  });

  it('refuses a trailer that was changed on the way', async () => {
    const change = (text: string) => text.replace('sOO8/Q==', 'sOO8/A==');
    await expect(decode(body(1000, change, true), { hasTrailer: true })).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  it('decodes unsigned chunks with an unsigned trailer', async () => {
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.from('5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n');
    }
    const { data, trailers } = await decode(source(), { isSigned: false, hasTrailer: true });
    expect([data.toString(), trailers.get('x-amz-checksum-crc32')]).toEqual(['hello world', 'DUoRhQ==']);
  });
});

/** Check values of the CRC catalogue for the text 123456789: https://reveng.sourceforge.io/crc-catalogue/all.htm */
describe('checksums', () => {
  it.each([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ] as const)('%s agrees with its check value, in one piece and in two', (algorithm, expected) => {
    const whole = createChecksum(algorithm);
    whole.update(Buffer.from('123456789'));
    const parts = createChecksum(algorithm);
    for (const part of ['12345', '6789']) parts.update(Buffer.from(part));
    expect([whole.digest().toString('hex'), parts.digest().toString('hex')]).toEqual([expected, expected]);
  });
});
