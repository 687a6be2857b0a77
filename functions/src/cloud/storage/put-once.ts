import { TlogError } from '@vantio/schema/tlog/tlog-error';
import type { Bucket } from './bucket.ts';

/**
 * Makes an object that is never changed. One that is there with these very bytes is left.
 * @throws {TlogError} `inconsistent` for other bytes.
 */
export async function putOnce(
  bucket: Pick<Bucket, 'read' | 'create'>,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  if (!(await bucket.create(name, bytes))) await requireSame(bucket, name, bytes);
}

/** @throws {TlogError} `inconsistent` */
export async function requireSame(
  { read }: Pick<Bucket, 'read'>,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const there = await read(name);
  if (there === undefined || Buffer.compare(there, bytes) !== 0)
    throw new TlogError('inconsistent', `${name} is there already, with other bytes`);
}
