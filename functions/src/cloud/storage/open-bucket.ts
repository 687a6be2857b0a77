import type { Storage } from '@google-cloud/storage';
import { codeOf } from '../spanner/grpc-status.ts';
import { type Bucket, NO_GENERATION, type StoredObject } from './bucket.ts';

const NOT_FOUND = 404;
const PRECONDITION_FAILED = 412;
/** The client tries again within it what may be tried again: a write does, for it names a generation. */
const TIMEOUT_MILLIS = 20_000;

/** A bucket by Cloud Storage's own client. */
export async function openBucket(bucketName: string): Promise<Bucket> {
  const bucket = (await storage()).bucket(bucketName);

  const read = (name: string, generation?: string): Promise<Uint8Array | undefined> =>
    unlessAbsent(async () => {
      const file = bucket.file(name, generation === undefined ? {} : { generation });
      const [bytes] = await file.download({ validation: 'crc32c', decompress: false });
      return bytes;
    });

  const readCurrent = async (name: string): Promise<StoredObject | undefined> => {
    const found = await unlessAbsent(async () => (await bucket.file(name).getMetadata())[0]);
    if (found?.generation === undefined) return undefined;
    const generation = String(found.generation);
    const bytes = await read(name, generation);
    // Replaced between the two: what is there now is read.
    return bytes === undefined ? readCurrent(name) : { bytes, generation };
  };

  const replace = async (
    name: string,
    bytes: Uint8Array,
    generation: string,
  ): Promise<boolean> => {
    try {
      await bucket.file(name).save(Buffer.from(bytes), {
        resumable: false,
        validation: 'crc32c',
        contentType: 'application/octet-stream',
        preconditionOpts: { ifGenerationMatch: generation },
        timeout: TIMEOUT_MILLIS,
      });
      return true;
    } catch (error) {
      if (codeOf(error) === PRECONDITION_FAILED) return false;
      throw error;
    }
  };

  return {
    read: (name) => read(name),
    readCurrent,
    replace,
    create: (name, bytes) => replace(name, bytes, NO_GENERATION),
    remove: async (name) => {
      await bucket.file(name).delete({ ignoreNotFound: true });
    },
  };
}

async function unlessAbsent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

/** One for the process; loaded by the first request that needs it. */
let opened: Promise<Storage> | undefined;

function storage(): Promise<Storage> {
  opened ??= openClient();
  return opened;
}

async function openClient(): Promise<Storage> {
  const { Storage } = await import('@google-cloud/storage');
  // A server on loopback that speaks the same protocol: a client with an endpoint of its own sends no token.
  const apiEndpoint = process.env.VANTIO_STORAGE_HOST;
  return new Storage({
    timeout: TIMEOUT_MILLIS,
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
  });
}
