import { sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instantFromMicros, microsFromInstant } from '@vantio/schema';
import { type Receipt, signReceipt } from '@vantio/schema/receipt';
import {
  type CertifiedKey,
  certificateText,
  type ReceiptCertificate,
} from '@vantio/schema/receipt-certificate';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { asCloud, CLOUD_LOG } from '../as-cloud.ts';
import type { Attack } from '../attack.ts';
import { witnessLooks } from '../witness-looks.ts';
import type { World } from '../world.ts';

const RECEIPT_KEY = fixedKey('receipts');
const THIEF = fixedKey('thief');
const HOUR = 3600 * 1e6;
const after = (instant: string, micros: number): string =>
  instantFromMicros(microsFromInstant(instant) + micros);

const ofNothing = (honest: Receipt): Receipt => ({
  ...honest,
  events: honest.events.slice(0, 1).map((event) => ({ ...event, record_hash: 'ab'.repeat(32) })),
});

type Lie = {
  readonly certified?: Partial<CertifiedKey>;
  readonly vouching?: World['logKey'];
  readonly signing?: World['logKey'];
  /** After the log's key signed it. */
  readonly moved?: Partial<ReceiptCertificate>;
  readonly receipt?: Receipt;
};

/** The tenant keeps one receipt of its log: an honest one, but for this. */
const receives =
  (lie: (honest: Receipt) => Lie) =>
  async (world: World): Promise<void> => {
    const honest = await asCloud(world);
    const {
      certified,
      vouching = world.logKey,
      signing = RECEIPT_KEY,
      moved,
      receipt = honest,
    } = lie(honest);
    const key: CertifiedKey = {
      log: CLOUD_LOG,
      not_after: after(honest.received_at, HOUR),
      not_before: after(honest.received_at, -HOUR),
      public_key: rawPublicKey(RECEIPT_KEY),
      ...certified,
    };
    const signature = sign(null, Buffer.from(certificateText(key)), vouching).toString('hex');
    const certificate = { ...key, signature, ...moved };
    const signed = signReceipt(receipt, signing, certificate);
    writeFileSync(join(world.directory, 'receipts.ndjson'), `${JSON.stringify(signed)}\n`);
  };

const wrong = (name: string, attacker: string, lie: (honest: Receipt) => Lie): Attack => ({
  name,
  attacker,
  victim: ['vkey', 'witness', 'receipts'],
  act: receives(lie),
  caught: { by: 'verify', wrong: ['receipt'] },
});

const ALL_BUT_THE_LOG = 'all but the log’s key';
const THE_RECEIPT_KEY = 'the receipt key, and its certificate';

/** In the words of who answers ingest in cloud mode, where a receipt key signs for which the log's key vouches. */
export const ON_CERTIFICATES: readonly Attack[] = [
  wrong('a certificate of a receipt key is forged', ALL_BUT_THE_LOG, () => ({ vouching: THIEF })),
  wrong('a receipt key vouches for another one', THE_RECEIPT_KEY, () => ({
    certified: { public_key: rawPublicKey(THIEF) },
    vouching: RECEIPT_KEY,
    signing: THIEF,
  })),
  wrong('a receipt comes with the certificate of another receipt key', ALL_BUT_THE_LOG, () => ({
    signing: THIEF,
  })),
  wrong('a receipt is dated after its key’s certificate expired', THE_RECEIPT_KEY, (honest) => ({
    certified: { not_after: after(honest.received_at, -1) },
  })),
  wrong('a receipt is dated before its key’s certificate begins', THE_RECEIPT_KEY, (honest) => ({
    certified: { not_before: after(honest.received_at, 1) },
  })),
  wrong('the end of a certificate that expired is moved', THE_RECEIPT_KEY, (honest) => ({
    certified: { not_after: after(honest.received_at, -1) },
    moved: { not_after: after(honest.received_at, HOUR) },
  })),
  wrong('a certificate is used in the name of another operator’s logs', THE_RECEIPT_KEY, () => ({
    certified: { log: 'other.example' },
  })),
  wrong(
    'a certificate is used in the name of one log of the operator alone',
    THE_RECEIPT_KEY,
    () => ({
      certified: { log: `${CLOUD_LOG}/acme` },
    }),
  ),
  {
    name: 'who stole a receipt key promises what is never logged, in its certificate’s time',
    attacker: THE_RECEIPT_KEY,
    victim: ['vkey', 'witness', 'receipts'],
    act: async (world) => {
      await receives((honest) => ({ receipt: ofNothing(honest) }))(world);
      await witnessLooks(world, { after: 700 });
    },
    caught: { by: 'verify', wrong: ['receipt'] },
  },
  {
    name: 'who stole a receipt key promises what is logged in time',
    attacker: THE_RECEIPT_KEY,
    victim: ['vkey', 'witness', 'receipts'],
    act: receives(() => ({})),
    caught: { by: 'nobody', unmeasured: [], words: ['verified', 'witnessed by 1'] },
  },
];
