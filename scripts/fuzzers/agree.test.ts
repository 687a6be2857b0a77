import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { parseLedgerLine } from '@vantio/schema';
import { readReceipt } from '@vantio/schema/read-receipt';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { parseNote } from '@vantio/schema/tlog/note';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { parseTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { createRandom } from '../../functions/src/testing/seeded-random.ts';
import { mutate } from './mutate.ts';
import { TARGETS } from './targets/targets.ts';

const python = process.env.VANTIO_PYTHON ?? '';
const skip = python === '' && 'no Python with the locked packages on this machine';
const INPUTS = Number(process.env.VANTIO_AGREE_INPUTS ?? 4000);
const SEED = Number(process.env.VANTIO_AGREE_SEED ?? 20_261_126);

/** The form of a checkpoint of this log: section 2 of schema/log.md. */
function parseHead(checkpoint: string): void {
  const { text } = parseNote(checkpoint);
  parseCheckpointText(text);
  assert.equal(text.split('\n').length, 4);
}

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  note: parseNote,
  'verifier-key': parseVerifierKey,
  'tlog-proof': (text) => parseHead(parseTlogProof(text).checkpoint),
  'ledger-line': parseLedgerLine,
  receipt: readReceipt,
};

function isOfForm(name: string, input: string): boolean {
  try {
    PARSERS[name]?.(input);
    return true;
  } catch {
    return false;
  }
}

/** Inputs near to the samples; a text that is none, for a lone surrogate, cannot stand in a file. */
function inputsOf(name: string): readonly string[] {
  const samples = TARGETS.find((target) => target.name === name)?.samples ?? [];
  const random = createRandom(SEED);
  const made = Array.from({ length: INPUTS }, () => mutate(samples, random));
  return [...samples, ...made].filter((input) => input.isWellFormed());
}

for (const name of Object.keys(PARSERS))
  test(`both verifiers take the same texts for a ${name}`, { skip }, async (t) => {
    const inputs = inputsOf(name);
    const judge = spawn(python, ['-m', 'testing.judge_forms'], { cwd: 'sdk/python' });
    const said = text(judge.stdout);
    judge.stdin.on('error', () => {});
    const complaints = text(judge.stderr);
    for (const input of inputs)
      judge.stdin.write(`${JSON.stringify([name, Buffer.from(input).toString('base64')])}\n`);
    judge.stdin.end();
    assert.equal(await complaints, '');
    const theirs = [...(await said)].map((digit) => digit === '1');
    assert.equal(theirs.length, inputs.length);
    const ours = inputs.map((input) => isOfForm(name, input));
    const differ = inputs.filter((_, at) => ours[at] !== theirs[at]);
    const accepted = ours.filter(Boolean).length;
    t.diagnostic(`${inputs.length} texts, ${accepted} accepted`);
    assert.ok(accepted > 10 && accepted < inputs.length);
    assert.deepEqual(
      differ.slice(0, 5).map((input) => [isOfForm(name, input), input]),
      [],
      `${differ.length} differ`,
    );
  });
