import { instantFromMicros } from '../instant.ts';
import type { Receipt } from '../receipt.ts';
import { encodeBase64, parseSignatureLine, signatureLine } from '../tlog/note.ts';
import { formatVerifierKey, rawPublicKey } from '../tlog/note-keys.ts';
import { fixedKey } from './fixed-keys.ts';
import {
  bodyOf,
  bundle,
  COSIGNED,
  cosigned,
  EVENTS,
  LINES,
  LOG_VKEY,
  ORIGIN,
  otherRoot,
  RECEIVED,
  receipt,
  receiptLine,
  sign,
  tile,
  WITNESS_VKEY,
} from './sample-log.ts';
import { API_KEY, ROOT_KEY } from './sample-session.ts';

type Content = string | Uint8Array;
type Row = readonly [check: string, severity: string, file: string | null, line: number | null];
type File = { readonly name: string } & ({ readonly text: string } | { readonly base64: string });

export type LogVector = {
  readonly name: string;
  /** Files that stand in the place of the base's, or beside them. */
  readonly put: readonly File[];
  readonly remove: readonly string[];
  readonly vkeys: readonly string[];
  readonly witnesses: readonly string[];
  /** Names of files. */
  readonly checkpoints: readonly string[];
  readonly receipts: readonly string[];
  readonly verdict: string;
  readonly findings: readonly Row[];
};

type Case = {
  readonly put?: Readonly<Record<string, Content>>;
  readonly remove?: readonly string[];
  readonly vkeys?: readonly string[];
  readonly witnesses?: readonly string[];
  /** Found, by the text: no verifier made them. */
  readonly finds?: readonly Row[];
};

const LOG = 'ledger.log';
const KEPT = 'kept';
const RECEIPTS = 'receipts.ndjson';
const UNWITNESSED: Row = ['log_cosignature', 'unmeasured', LOG, null];
const UNSEALED: Row = ['log_size', 'unmeasured', LOG, null];
const NOT_PINNED: Row = ['log_checkpoint', 'unmeasured', LOG, null];
const wrong = (check: string, file: string, line: number | null = null): Row => [
  check,
  'wrong',
  file,
  line,
];
const wrongIn = (check: string, path: string, line: number | null = null): Row =>
  wrong(check, `${LOG}/${path}`, line);
const unmeasured = (check: string, file: string | null, line: number | null = null): Row => [
  check,
  'unmeasured',
  file,
  line,
];
const absentLog: Row = ['log_checkpoint', 'wrong', null, null];
const OTHER_VKEY = formatVerifierKey({
  name: `vantio.local/${'0'.repeat(32)}`,
  type: 'ed25519',
  publicKey: rawPublicKey(fixedKey('another log')),
});
const inLog = (files: Readonly<Record<string, Content>>): Readonly<Record<string, Content>> =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${LOG}/${path}`, content]));
const paths = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `${LOG}/${name}`);

function base(): Readonly<Record<string, Content>> {
  const sizes = [3, 5, 7];
  return {
    'ledger.ndjson': LINES.map((line) => `${line}\n`).join(''),
    'ledger.vkey': `${LOG_VKEY}\n`,
    ...inLog({
      checkpoint: sign(bodyOf(7)),
      ...Object.fromEntries(
        sizes.flatMap((size): [string, Content][] => [
          [`checkpoints/${size}`, sign(bodyOf(size))],
          [`tile/0/000.p/${size}`, tile(size)],
          [`tile/entries/000.p/${size}`, bundle(size)],
        ]),
      ),
      'cosignatures/3': cosigned(bodyOf(3), COSIGNED),
      'cosignatures/7': cosigned(bodyOf(7), COSIGNED),
    }),
  };
}

const at = (seconds: number, micros = 0): string => instantFromMicros(seconds * 1e6 + micros);
const receipts = (...changes: readonly Partial<Receipt>[]): Readonly<Record<string, Content>> => ({
  [RECEIPTS]: changes.map((change) => receiptLine(receipt(change))).join(''),
});
const unknown = { events: [{ ...EVENTS[0], record_hash: 'ab'.repeat(32) }] } as Partial<Receipt>;
const flipped = (bytes: Uint8Array, index: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};
const ofNewest = (note: string): Case => ({
  put: inLog({ checkpoint: note }),
  remove: paths('checkpoints/7'),
});
const badNewest = (note: string): Case => ({
  ...ofNewest(note),
  finds: [wrongIn('log_checkpoint', 'checkpoint')],
});
const newest = sign(bodyOf(7));
const signedLine = newest.split('\n').at(-2) ?? '';
const stranger = cosigned(bodyOf(7), COSIGNED, 'stranger.example');
const cutBack = {
  put: inLog({ checkpoint: sign(bodyOf(5)) }),
  remove: paths('checkpoints/7'),
} as const;
const badReceipt = (line: string): Case => ({
  put: { [RECEIPTS]: line },
  finds: [wrong('receipt', RECEIPTS, 1)],
});
const badPromise = (change: Partial<Receipt>): Case => badReceipt(receiptLine(receipt(change)));
const withLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const ACCEPT: Readonly<Record<string, Case>> = {
  'sealed and witnessed': {},
  'no witness pinned': { witnesses: [], finds: [UNWITNESSED] },
  'the key beside the log': { vkeys: [], finds: [NOT_PINNED] },
  'lines after the newest checkpoint': {
    put: inLog({ checkpoint: sign(bodyOf(5)), 'cosignatures/5': cosigned(bodyOf(5), COSIGNED) }),
    remove: paths('checkpoints/7', 'cosignatures/7'),
    finds: [UNSEALED],
  },
  'a larger checkpoint that was not made the newest yet': {
    put: inLog({ checkpoint: sign(bodyOf(5)) }),
  },
  'a cosignature of an older tree whose checkpoint is not there': {
    remove: paths('checkpoints/3'),
  },
  'a cosignature of the time 0': {
    put: inLog({ 'cosignatures/7': cosigned(bodyOf(7), 0) }),
    finds: [UNWITNESSED],
  },
  'a cosignature five minutes before a line came in': {
    put: inLog({ 'cosignatures/3': cosigned(bodyOf(3), RECEIVED - 299) }),
  },
  'signature lines of strangers': {
    put: inLog({
      checkpoint: newest + stranger,
      'cosignatures/7': stranger + cosigned(bodyOf(7), COSIGNED),
    }),
  },
  'a cosignature in the checkpoint': {
    put: inLog({ checkpoint: newest + cosigned(bodyOf(7), COSIGNED) }),
    remove: paths('cosignatures/7'),
  },
  'files that are none of the log': {
    put: inLog({
      place: 'x',
      'checkpoints/NaN': 'x',
      'checkpoints/07': 'x',
      'cosignatures/x': 'x',
    }),
  },
  'no partial forms of earlier trees': {
    remove: paths('tile/0/000.p/3', 'tile/entries/000.p/5'),
  },
  'a log that has no checkpoint yet': {
    vkeys: [],
    witnesses: [],
    remove: paths('checkpoint', 'checkpoints/3', 'checkpoints/5', 'checkpoints/7'),
    finds: [unmeasured('log_checkpoint', `${LOG}/checkpoint`)],
  },
  'a checkpoint that the user kept': { put: { [KEPT]: sign(bodyOf(4)) } },
  'a promise that was kept': { put: receipts({}) },
  'a promise that was kept, though a witness looked at a smaller tree later': {
    put: {
      ...receipts({}),
      ...inLog({ 'cosignatures/3': cosigned(bodyOf(3), COSIGNED + 100) }),
    },
  },
  'a promise that was kept in the second in which it ended': {
    put: receipts({ merge_by: at(COSIGNED - 1, 1) }),
  },
  'promises without a witness': {
    witnesses: [],
    put: receipts({}, {}),
    finds: [UNWITNESSED, unmeasured('receipt', null)],
  },
  'a promise whose time no witness saw': {
    put: receipts({ ...unknown, merge_by: at(RECEIVED + 7) }),
    finds: [unmeasured('receipt', RECEIPTS, 1)],
  },
  'a receipt that was cut short': {
    put: { [RECEIPTS]: receiptLine(receipt()) + receiptLine(receipt()).slice(0, 99) },
    finds: [unmeasured('receipt', RECEIPTS, 2)],
  },
};

const REJECT: Readonly<Record<string, Case>> = {
  'no log, whose key is pinned': {
    remove: Object.keys(base()).filter((name) => name.startsWith(LOG)),
    finds: [wrong('log_checkpoint', 'ledger.ndjson')],
  },
  'the key of a log that is not here pinned, too': {
    vkeys: [LOG_VKEY, OTHER_VKEY],
    finds: [absentLog],
  },
  'no checkpoint, and the key is pinned': {
    remove: paths('checkpoint'),
    finds: [wrongIn('log_checkpoint', 'checkpoint')],
  },
  'a key beside the log that is none': {
    vkeys: [],
    put: { 'ledger.vkey': `${LOG_VKEY.slice(0, -1)}!\n` },
    finds: [wrong('log_checkpoint', 'ledger.vkey'), NOT_PINNED],
  },
  'a key beside the log of an unknown algorithm': {
    vkeys: [],
    put: { 'ledger.vkey': `${ORIGIN}+00000000+${encodeBase64(Buffer.alloc(33, 0x02))}\n` },
    finds: [wrong('log_checkpoint', 'ledger.vkey'), NOT_PINNED],
  },
  'CRLF in the checkpoint': badNewest(newest.replaceAll('\n', '\r\n')),
  'a checkpoint without its last newline': badNewest(newest.slice(0, -1)),
  'a checkpoint without an empty line': badNewest(newest.replace('\n\n', '\n')),
  'a checkpoint with an extension line': badNewest(sign(`${bodyOf(7)}more\n`)),
  'a tree of 2^63 leaves': badNewest(sign(bodyOf(7).replace('\n7\n', '\n9223372036854775808\n'))),
  'a tree of 2^53 leaves': badNewest(sign(bodyOf(7).replace('\n7\n', '\n9007199254740992\n'))),
  'a tree of NaN leaves': badNewest(sign(bodyOf(7).replace('\n7\n', '\nNaN\n'))),
  'a tree of no leaves with the root of another': badNewest(
    sign(bodyOf(7).replace('\n7\n', '\n0\n')),
  ),
  'a tree of 07 leaves': badNewest(sign(bodyOf(7).replace('\n7\n', '\n07\n'))),
  'a root of 31 bytes': badNewest(sign(bodyOf(7, otherRoot.subarray(1)))),
  'a checkpoint that its log signed twice': badNewest(`${newest}${signedLine}\n`),
  'a checkpoint that another key signed': badNewest(sign(bodyOf(7), fixedKey('thief'))),
  'a checkpoint that only a witness signed': badNewest(
    `${bodyOf(7)}\n${cosigned(bodyOf(7), COSIGNED)}`,
  ),
  'a signature of an unknown algorithm': badNewest(
    `${bodyOf(7)}\n— ${ORIGIN} ${encodeBase64(Buffer.alloc(69, 0x02))}\n`,
  ),
  'a signature of the log that is cut short': badNewest(
    `${bodyOf(7)}\n${signatureLine(parseSignatureLine(signedLine), parseSignatureLine(signedLine).bytes.subarray(1))}\n`,
  ),
  'a hundred and one signature lines': badNewest(newest + stranger.repeat(100)),
  'a line after the checkpoint that is no signature line': badNewest(`${newest}signed: me\n`),
  'another root, signed': {
    ...ofNewest(sign(bodyOf(7, otherRoot))),
    remove: paths('checkpoints/7', 'cosignatures/7'),
    finds: [wrongIn('log_root', 'checkpoint'), UNWITNESSED],
  },
  'two trees of the newest size': {
    put: inLog({ 'checkpoints/7': sign(bodyOf(7, otherRoot)) }),
    finds: [wrongIn('log_consistency', 'checkpoints/7')],
  },
  'an older checkpoint of another tree': {
    put: inLog({ 'checkpoints/5': sign(bodyOf(5, otherRoot)) }),
    finds: [wrongIn('log_consistency', 'checkpoints/5')],
  },
  'an older checkpoint under the name of another size': {
    put: inLog({ 'checkpoints/4': sign(bodyOf(5)) }),
    finds: [wrongIn('log_checkpoint', 'checkpoints/4')],
  },
  'a larger checkpoint that the log did not sign': {
    put: inLog({ 'checkpoints/9': sign(bodyOf(7), fixedKey('thief')) }),
    finds: [wrongIn('log_checkpoint', 'checkpoints/9')],
  },
  'a kept checkpoint of another tree': {
    put: { [KEPT]: sign(bodyOf(4, otherRoot)) },
    finds: [wrong('log_consistency', KEPT)],
  },
  'a kept checkpoint of more leaves': {
    put: { [KEPT]: sign(bodyOf(7, otherRoot).replace('\n7\n', '\n9\n')) },
    finds: [wrong('log_consistency', KEPT)],
  },
  'a kept checkpoint that is none': {
    put: { [KEPT]: 'x' },
    finds: [wrong('log_checkpoint', KEPT)],
  },
  'a kept checkpoint of another log': {
    put: { [KEPT]: sign(bodyOf(4).replace(ORIGIN, 'vantio.local/other')) },
    finds: [wrong('log_checkpoint', KEPT)],
  },
  'a log that was cut back, with the cosignature of the larger tree': {
    ...cutBack,
    finds: [wrongIn('log_cosignature', 'cosignatures/7', 1), UNWITNESSED, UNSEALED],
  },
  'a cosignature of another tree, whose checkpoint is not there': {
    put: inLog({ 'cosignatures/3': cosigned(bodyOf(3, otherRoot), COSIGNED) }),
    remove: paths('checkpoints/3'),
    finds: [wrongIn('log_cosignature', 'cosignatures/3', 1)],
  },
  'a cosignature of another size': {
    put: inLog({ 'cosignatures/7': cosigned(bodyOf(5), COSIGNED) }),
    finds: [wrongIn('log_cosignature', 'cosignatures/7', 1), UNWITNESSED],
  },
  'a cosignature that was cut short': {
    put: inLog({ 'cosignatures/7': cosigned(bodyOf(7), COSIGNED).slice(0, -1) }),
    finds: [wrongIn('log_cosignature', 'cosignatures/7'), UNWITNESSED],
  },
  'a line beside a cosignature that is none': {
    put: inLog({ 'cosignatures/7': `${cosigned(bodyOf(7), COSIGNED)}signed: me\n` }),
    finds: [wrongIn('log_cosignature', 'cosignatures/7', 2)],
  },
  'a witness that had lines before they came in': {
    put: inLog({ 'cosignatures/3': cosigned(bodyOf(3), RECEIVED - 301) }),
    finds: [wrong('clock', 'ledger.ndjson', 3)],
  },
  'a witness that had two trees before their lines came in': {
    put: inLog({
      'cosignatures/3': cosigned(bodyOf(3), RECEIVED - 301),
      'cosignatures/7': cosigned(bodyOf(7), RECEIVED - 999),
    }),
    finds: [wrong('clock', 'ledger.ndjson', 3), wrong('clock', 'ledger.ndjson', 7)],
  },
  'a tile that is cut short': {
    put: inLog({ 'tile/0/000.p/7': tile(7).subarray(1) }),
    finds: [wrongIn('log_tile', 'tile/0/000.p/7')],
  },
  'a tile that is missing, of which the bundle is there': {
    remove: paths('tile/0/000.p/7'),
    finds: [wrongIn('log_tile', 'tile/0/000.p/7')],
  },
  'tile and bundle missing': {
    remove: paths('tile/0/000.p/7', 'tile/entries/000.p/7'),
    finds: [wrongIn('log_tile', 'tile/0/000.p/7'), wrongIn('log_tile', 'tile/entries/000.p/7')],
  },
  'a bundle that is cut short': {
    put: inLog({ 'tile/entries/000.p/7': bundle(7).subarray(0, -1) }),
    finds: [wrongIn('log_tile', 'tile/entries/000.p/7')],
  },
  'a bundle with bytes to spare': {
    put: inLog({ 'tile/entries/000.p/7': Buffer.concat([bundle(7), Buffer.alloc(1)]) }),
    finds: [wrongIn('log_tile', 'tile/entries/000.p/7')],
  },
  'another hash in a tile': {
    put: inLog({ 'tile/0/000.p/7': flipped(tile(7), 7 * 32 - 1) }),
    finds: [
      wrongIn('log_leaf', 'tile/entries/000.p/7'),
      wrong('log_leaf', 'ledger.ndjson', 7),
      wrongIn('log_root', 'checkpoint'),
    ],
  },
  'another byte in an entry': {
    put: inLog({ 'tile/entries/000.p/7': flipped(bundle(7), bundle(7).length - 9) }),
    finds: [wrongIn('log_leaf', 'tile/entries/000.p/7')],
  },
  'another hash in what an earlier tree left': {
    put: inLog({ 'tile/0/000.p/3': flipped(tile(3), 0) }),
    finds: [wrongIn('log_leaf', 'tile/0/000.p/3')],
  },
  'another byte in what an earlier bundle left': {
    put: inLog({ 'tile/entries/000.p/3': flipped(bundle(3), 99) }),
    finds: [wrongIn('log_leaf', 'tile/entries/000.p/3')],
  },
  'what an earlier tree left is cut short': {
    put: inLog({ 'tile/0/000.p/3': tile(2) }),
    finds: [wrongIn('log_tile', 'tile/0/000.p/3')],
  },
  'a ledger that was cut': {
    put: { 'ledger.ndjson': withLines(LINES.slice(0, 6)) },
    finds: [wrong('log_size', LOG), unmeasured('tail', null)],
  },
  'lines that changed places': {
    put: { 'ledger.ndjson': withLines([...LINES.slice(0, 5), LINES[6] ?? '', LINES[5] ?? '']) },
    finds: [
      wrong('log_leaf', 'ledger.ndjson', 6),
      wrong('received_mac', 'ledger.ndjson', 6),
      wrong('received_mac', 'ledger.ndjson', 7),
    ],
  },
  'a promise that was broken': {
    put: {
      ...receipts({ ...unknown, merge_by: at(COSIGNED - 1) }),
    },
    finds: [wrong('receipt', RECEIPTS, 1)],
  },
  'a promise of records that came too late': {
    put: {
      ...receipts({ merge_by: at(COSIGNED - 1) }),
      ...inLog({ 'cosignatures/7': cosigned(bodyOf(7), COSIGNED + 9) }),
    },
    finds: [wrong('receipt', RECEIPTS, 1)],
  },
  'a merge_by that is a microsecond too late': badPromise({ merge_by: at(RECEIVED + 7, 1) }),
  'a merge_by that is years ahead': badPromise({ ...unknown, merge_by: at(4e9) }),
  'a receipt of a time to come': badPromise({
    ...unknown,
    received_at: at(4e9),
    merge_by: at(4e9 + 5),
  }),
  'a receipt of another tenant': badPromise({ tenant_id: 'globex' }),
  'a receipt of another tenant under a key that nobody named': badPromise({
    tenant_id: 'globex',
    key_id: '0'.repeat(16),
  }),
  'a receipt of another log': badPromise({ origin: 'vantio.local/other' }),
  'a receipt that another key signed': badReceipt(receiptLine(receipt({}, fixedKey('thief')))),
  'a receipt that gives events the records of each other': badPromise({
    events: EVENTS.map((event, place) => ({
      ...event,
      record_hash: EVENTS[(place + 1) % EVENTS.length]?.record_hash ?? '',
    })),
  }),
  'a receipt of no event': badPromise({ events: [] }),
  'a receipt of 30 February': badPromise({ received_at: '2026-02-30T00:00:00.000000Z' }),
  'a receipt with a member twice': badReceipt(
    receiptLine(receipt()).replace('{"receipt":', '{"receipt":{},"receipt":'),
  ),
  'a receipt with a space': badReceipt(receiptLine(receipt()).replace(':', ': ')),
  'an empty line among receipts': badReceipt('\n'),
  'a receipt that is NaN': badReceipt('NaN\n'),
};

const fileOf = ([name, content]: readonly [string, Content]): File =>
  typeof content === 'string'
    ? { name, text: content }
    : { name, base64: Buffer.from(content).toString('base64') };

function vectorOf([name, { put = {}, remove = [], vkeys, witnesses, finds = [] }]: readonly [
  string,
  Case,
]): LogVector {
  const isWrong = finds.some(([, severity]) => severity === 'wrong');
  return {
    name,
    put: Object.entries(put).map(fileOf),
    remove,
    vkeys: vkeys ?? [LOG_VKEY],
    witnesses: witnesses ?? [WITNESS_VKEY],
    checkpoints: KEPT in put ? [KEPT] : [],
    receipts: RECEIPTS in put ? [RECEIPTS] : [],
    verdict: isWrong ? 'rejected' : finds.length > 0 ? 'verified with notes' : 'verified',
    findings: finds,
  };
}

/** A ledger with its log, and what is wrong with others like it. */
export const logVectors = () => ({
  base: {
    files: Object.entries(base()).map(fileOf),
    api_keys: [API_KEY],
    session_roots: [ROOT_KEY],
  },
  accept: Object.entries(ACCEPT).map(vectorOf),
  reject: Object.entries(REJECT).map(vectorOf),
});
