import { sign } from 'node:crypto';
import { type Cbor, encodeCbor } from './cbor.ts';
import type { LogKey } from './open-log.ts';

/** Labels of the registries for COSE header parameters, and for CWT claims. */
const HEADER = { alg: 1, kid: 4, cwtClaims: 15, vds: 395, vdp: 396 } as const;
const CLAIM = { issuer: 1, subject: 2, issuedAt: 6 } as const;
/** EdDSA: the older name of Ed25519's algorithm, which more readers know. */
const EDDSA = -8;
/** RFC 9942: a Merkle tree as RFC 9162 has it, which hashes as RFC 6962 does; and its proof of inclusion. */
const RFC9162_SHA256 = 1;
const INCLUSION = -1;
const COSE_SIGN1 = 18;

export type Inclusion = {
  readonly origin: string;
  readonly size: number;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
};

/** Of the record, what a holder of the receipt may know without its ledger line. */
export type Subject = {
  readonly tenantId: string;
  readonly eventId: string;
  readonly recordHash: Uint8Array;
};

/**
 * A COSE Receipt (RFC 9942) of inclusion: a COSE_Sign1 whose payload, the root, is left out, for whoever has the entry makes it
 * from the proof.
 * @param issuedAt seconds since 1970.
 */
export function coseReceipt(
  { origin, size, index, path, root }: Inclusion,
  { tenantId, eventId, recordHash }: Subject,
  key: LogKey,
  issuedAt: number,
): Buffer {
  const claims = new Map<number | string, Cbor>([
    [CLAIM.issuer, origin],
    [CLAIM.subject, `urn:uuid:${eventId}`],
    [CLAIM.issuedAt, issuedAt],
    ['tenant_id', tenantId],
    ['record_hash', recordHash],
    [
      'attests',
      `the line with this record is entry ${index} of the log, whose first ${size} entries have the signed root`,
    ],
  ]);
  const protectedHeader = encodeCbor(
    new Map<number, Cbor>([
      [HEADER.alg, EDDSA],
      [HEADER.kid, key.id],
      [HEADER.cwtClaims, claims],
      [HEADER.vds, RFC9162_SHA256],
    ]),
  );
  const proof = encodeCbor([size, index, path]);
  const unprotected = new Map<number, Cbor>([
    [HEADER.vdp, new Map<number, Cbor>([[INCLUSION, [proof]]])],
  ]);
  const signature = sign(null, signedBytes(protectedHeader, root), key.privateKey);
  return encodeCbor({ tag: COSE_SIGN1, value: [protectedHeader, unprotected, null, signature] });
}

/** RFC 9052, section 4.4. Nothing else that the log's key signs begins like it. */
const signedBytes = (protectedHeader: Uint8Array, payload: Uint8Array): Buffer =>
  encodeCbor(['Signature1', protectedHeader, new Uint8Array(0), payload]);
