import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointText, openCheckpoint, parseCheckpointText } from './checkpoint.ts';
import { signNote } from './note.ts';
import { madeUpLog } from './sample-keys.ts';
import { EMPTY_ROOT } from './tree-hash.ts';

const ORIGIN = 'vantio.local/0123456789abcdef0123456789abcdef';
const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const GOOD = `${ORIGIN}\n20852163\n${ROOT}\n`;
const log = madeUpLog(ORIGIN);

test('a checkpoint reads back as its tree head, and is written so', () => {
  const head = parseCheckpointText(GOOD);
  assert.equal(head.origin, ORIGIN);
  assert.equal(head.size, 20_852_163);
  assert.equal(checkpointText(head), GOOD);
  for (const size of [0, 1, Number.MAX_SAFE_INTEGER]) {
    const root = size === 0 ? EMPTY_ROOT : head.root;
    assert.equal(parseCheckpointText(checkpointText({ ...head, size, root })).size, size);
  }
});

test('extension lines are let pass', () => {
  assert.equal(parseCheckpointText(`${GOOD}extension\nanother\n`).size, 20_852_163);
});

test('a text that is no checkpoint is refused', () => {
  const sized = (size: string): string => GOOD.replace('20852163', size);
  const rooted = (root: string): string => GOOD.replace(ROOT, root);
  for (const [what, text, code] of [
    ['nothing', ''],
    ['an empty line', '\n'],
    ['no newline at the end', GOOD.slice(0, -1)],
    ['a letter for the newline at the end', `${GOOD.slice(0, -1)}x`],
    ['two lines', `${ORIGIN}\n20852163\n`],
    ['no origin', GOOD.replace(ORIGIN, '')],
    ['an empty line at the end', `${GOOD}\n`],
    ['an empty line between extensions', `${GOOD}one\n\ntwo\n`],
    ['no size', sized('')],
    ['NaN', sized('NaN')],
    ['a word', sized('many')],
    ['a leading zero', sized('020852163')],
    ['two zeros', sized('00')],
    ['a sign', sized('+20852163')],
    ['below zero', sized('-1')],
    ['minus zero', sized('-0')],
    ['a fraction', sized('1.5')],
    ['an exponent', sized('1e3')],
    ['hexadecimal', sized('0x10')],
    ['other digits', sized('٣')],
    ['a space', sized('20852163 ')],
    ['2^53', sized('9007199254740992'), 'bad_size'],
    ['2^53 + 1', sized('9007199254740993'), 'bad_size'],
    ['2^63', sized('9223372036854775808'), 'bad_size'],
    ['2^64', sized('18446744073709551616'), 'bad_size'],
    ['more digits than 2^64 has', sized('100000000000000000000')],
    ['no root', rooted('')],
    ['a root of 31 bytes', rooted(Buffer.alloc(31).toString('base64'))],
    ['a root of 33 bytes', rooted(Buffer.alloc(33).toString('base64'))],
    ['a root in hexadecimal', rooted('ab'.repeat(32))],
    ['bits in the padding of the root', rooted(ROOT.replace('2I=', '2J='))],
    ['a root without padding', rooted(ROOT.slice(0, -1))],
    ['a space after the root', rooted(`${ROOT} `)],
    ['an empty tree of another root', sized('0')],
  ] as const)
    assert.throws(
      () => parseCheckpointText(text),
      { name: 'TlogError', code: code ?? 'bad_checkpoint' },
      what,
    );
});

test('a checkpoint opens with the key of its log, and only so', async () => {
  const note = await signNote(GOOD, [log.signer]);
  const opened = openCheckpoint(note, log.verifier);
  assert.equal(opened.size, 20_852_163);
  assert.equal(opened.note.signatures.length, 1);
  const others = await signNote(GOOD, [madeUpLog('elsewhere').signer, log.signer]);
  assert.equal(openCheckpoint(others, log.verifier).size, 20_852_163);

  const stranger = madeUpLog(ORIGIN, 'another key');
  assert.throws(() => openCheckpoint(note, stranger.verifier), { code: 'unknown_key' });
  assert.throws(() => openCheckpoint(note.replace('\n20852163\n', '\n20852164\n'), log.verifier), {
    code: 'bad_signature',
  });
  const ofAnother = await signNote(GOOD.replace(ORIGIN, 'elsewhere'), [log.signer]);
  assert.throws(() => openCheckpoint(ofAnother, log.verifier), { code: 'other_log' });
  const noCheckpoint = await signNote('a note\n', [log.signer]);
  assert.throws(() => openCheckpoint(noCheckpoint, log.verifier), { code: 'bad_checkpoint' });
});
