import { sign } from 'node:crypto';
import type { LogKey } from './open-log.ts';

/** A signed payload by DSSE 1.0: https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md */
export type Envelope = {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
};

/** What is signed: a note, a receipt or anything else of the log's key begins otherwise. */
const authenticated = (payloadType: string, payload: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `),
    payload,
  ]);

export function signEnvelope(payloadType: string, text: string, key: LogKey): Envelope {
  const payload = Buffer.from(text);
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [
      {
        keyid: Buffer.from(key.id).toString('hex'),
        sig: sign(null, authenticated(payloadType, payload), key.privateKey).toString('base64'),
      },
    ],
  };
}
