import { createHash, randomBytes } from 'node:crypto';
import { createGoogleRest, RestError } from '../rest/google-rest.ts';
import { type Bucket, NO_GENERATION, type StoredObject } from './bucket.ts';

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
const TYPE = 'application/octet-stream';

/**
 * A bucket by Cloud Storage's JSON API (https://cloud.google.com/storage/docs/json_api): one operation for each call, and a
 * generation named by each write, so that it may be sent twice. VANTIO_STORAGE_HOST names a server on loopback instead.
 */
export function openBucket(bucketName: string): Bucket {
  const local = process.env.VANTIO_STORAGE_HOST;
  const rest = createGoogleRest({
    host: local ?? 'https://storage.googleapis.com',
    scope: local === undefined ? SCOPE : undefined,
  });
  const bucket = encodeURIComponent(bucketName);
  const pathOf = (name: string): string => `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  const failed = (what: string, status: number): RestError =>
    new RestError(status, `bucket ${bucketName} answered ${status} to ${what}`);

  const readCurrent = async (name: string): Promise<StoredObject | undefined> => {
    const { status, headers, bytes } = await rest(`${pathOf(name)}?alt=media`);
    if (status === 404) return undefined;
    const generation = headers.get('x-goog-generation');
    if (status !== 200 || generation === null) throw failed('a read', status);
    const [, expected] = /md5=([^,]+)/.exec(headers.get('x-goog-hash') ?? '') ?? [];
    if (expected !== undefined && expected !== md5(bytes))
      throw new RestError(status, `an object of bucket ${bucketName} was damaged on its way`);
    return { bytes, generation };
  };

  const replace = async (name: string, bytes: Uint8Array, generation: string): Promise<boolean> => {
    const { type, body } = multipart({ name, contentType: TYPE, md5Hash: md5(bytes) }, bytes);
    const { status } = await rest(
      `/upload/storage/v1/b/${bucket}/o?uploadType=multipart&ifGenerationMatch=${generation}`,
      { method: 'POST', type, body },
    );
    if (status === 412) return false;
    if (status !== 200) throw failed('a write', status);
    return true;
  };

  return {
    read: async (name) => (await readCurrent(name))?.bytes,
    readCurrent,
    replace,
    create: (name, bytes) => replace(name, bytes, NO_GENERATION),
    remove: async (name) => {
      const { status } = await rest(pathOf(name), { method: 'DELETE' });
      if (status !== 204 && status !== 200 && status !== 404) throw failed('a removal', status);
    },
  };
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');

/** What an object is called, and its bytes, in one request (RFC 2387). */
function multipart(metadata: object, bytes: Uint8Array) {
  const boundary = randomBytes(16).toString('hex');
  const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(metadata)}\r\n--${boundary}\r\ncontent-type: ${TYPE}\r\n\r\n`;
  return {
    type: `multipart/related; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
