/** Arbitrary webhook calls that HTTP allows, as bytes on the wire: whatever the headers say and however the body is framed. */
import fc from 'fast-check';
import { deflateSync, gzipSync } from 'node:zlib';

export interface WireCall {
  target: 'path' | 'absolute' | 'query';
  credential: 'path' | 'basic' | 'bearer' | 'header';
  encoding: string;
  /** Data of chunks, in bytes, repeated until the body is at its end; none: Content-Length. */
  chunks: number[];
  chunkExtension: string;
  trailer: string;
  headers: (readonly [name: string, value: string])[];
}

const encoders: Readonly<Record<string, (body: Buffer) => Buffer>> = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync };

const tokenText = fc.string({ unit: fc.constantFrom(...Array.from("abcXYZ019!#$%&'*+-.^_`|~")), minLength: 1, maxLength: 12 });
/** What a field value may hold (RFC 9110, section 5.5): visible characters, blanks, and bytes above 127, which mean nothing. */
const valueText = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes.map((code) => (code < 32 || code === 127 ? 9 : code))).trim());

/** Headers that mean something to servers, proxies and frameworks, and must mean nothing here. */
const meaningful: readonly (readonly [string, string])[] = [
  ['Expect', '100-continue'],
  ['Expect', 'the-unexpected'],
  ['Upgrade', 'h2c'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade, HTTP2-Settings'],
  ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Original-URL', '/metrics'],
  ['X-Rewrite-URL', '/health/live'],
  ['X-Forwarded-For', '127.0.0.1, ::1'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'evil.example'],
  ['Forwarded', 'for="_hidden"'],
  ['TE', 'trailers'],
  ['Range', 'bytes=0-0'],
  ['Content-Range', 'bytes 0-0/9'],
  ['If-None-Match', '*'],
  ['If-Match', '"no"'],
  ['If-Modified-Since', 'Thu, 01 Jan 2099 00:00:00 GMT'],
  ['Accept', 'image/png;q=1, */*;q=0'],
  ['Accept-Encoding', 'identity;q=0'],
  ['Accept-Charset', 'none'],
  ['Cookie', '__proto__=1; token=x'],
  ['Content-MD5', 'no'],
  ['Content-Language', 'uk'],
  ['Max-Forwards', '0'],
  ['Prefer', 'respond-async'],
  ['Sec-Fetch-Site', 'cross-site'],
  ['Origin', 'null'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['Content-Type', 'application/json; charset=utf-7'],
  ['Content-Type', 'multipart/form-data'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Content-Type', ''],
];

const header = fc.oneof(
  fc.constantFrom(...meaningful),
  fc.tuple(
    tokenText.map((name) => `X-${name}`),
    valueText,
  ),
  valueText.map((value) => ['Content-Type', value] as const),
);

/** Encodings that it has, others that it has not and that lie about a plain body. */
const encoding = fc.oneof(
  fc.constantFrom('', 'identity', 'IDENTITY', 'gzip', 'x-gzip', 'deflate'),
  fc.constantFrom('br', 'zstd', 'gzip, gzip', 'gzip;q=0', 'utf-8', '"gzip"', '*'),
  tokenText,
);

export const wireCall: fc.Arbitrary<WireCall> = fc.record({
  target: fc.constantFrom('path', 'absolute', 'query'),
  credential: fc.constantFrom('path', 'basic', 'bearer', 'header'),
  encoding,
  chunks: fc.oneof(fc.constant<number[]>([]), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 })),
  chunkExtension: fc.constantFrom('', ';a', ';a=b', ';a="b c"'),
  trailer: fc.constantFrom('', 'X-Trailer: x\r\n'),
  headers: fc.array(header, { maxLength: 12 }),
});

/** The call with this body; the connection is closed behind it. */
export function onTheWire(call: WireCall, body: Buffer, token: string): Buffer {
  const authority = 'vidhuk.example:8080';
  const path = `/webhooks/esputnik/main${call.credential === 'path' ? `/${token}` : ''}`;
  const target = { path, absolute: `http://${authority}${path}`, query: `${path}?a=%00&a=2&__proto__[x]=1` }[call.target];
  const credentials = {
    path: [],
    basic: [`Authorization: Basic ${Buffer.from(`:${token}`).toString('base64')}`],
    bearer: [`Authorization: bearer ${token}`],
    header: [`x-WEBHOOK-token: ${token}`],
  }[call.credential];
  const encoded = encoders[call.encoding]?.(body) ?? body;
  const head = [
    `POST ${target} HTTP/1.1`,
    `Host: ${authority}`,
    ...credentials,
    ...call.headers.map(([name, value]) => `${name}: ${value}`),
    ...(call.encoding === '' ? [] : [`Content-Encoding: ${call.encoding}`]),
    call.chunks.length === 0 ? `Content-Length: ${encoded.length}` : 'Transfer-Encoding: chunked',
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), framed(call, encoded)]);
}

function framed({ chunks, chunkExtension, trailer }: WireCall, body: Buffer): Buffer {
  if (chunks.length === 0) return body;
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const data = body.subarray(at, at + (chunks[turn % chunks.length] ?? 1));
    parts.push(Buffer.from(`${data.length.toString(16).toUpperCase()}${chunkExtension}\r\n`), data, Buffer.from('\r\n'));
    at += data.length;
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)]);
}
