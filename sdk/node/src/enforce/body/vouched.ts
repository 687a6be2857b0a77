import { createHash } from 'node:crypto';

const MAX = 1000;
const digests = new Set<string>();

const digestOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('base64');

/** A body that was looked at before its client signed it: on its way out it is neither changed nor counted again. */
export function vouchFor(body: Uint8Array): void {
  if (digests.size >= MAX)
    for (const oldest of digests) {
      digests.delete(oldest);
      break;
    }
  digests.add(digestOf(body));
}

export const isVouched = (body: Uint8Array): boolean =>
  digests.size > 0 && digests.has(digestOf(body));
