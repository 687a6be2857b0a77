import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import type { Round } from '../../sdk/cli/src/witness/watch-log.ts';
import { ALL, type Attack } from './attack.ts';
import { ATTACKS } from './attacks/attacks.ts';
import { tableOf } from './table.ts';
import { verifyAs, verifyInPython } from './victim.ts';
import { buildWorld, copyOf, type World } from './world.ts';

const TABLE = new URL('ATTACKS.md', import.meta.url);
const python = process.env.VANTIO_PYTHON;
const world = await buildWorld({ after });

test('nothing is wrong in the honest world, by either verifier', async () => {
  const { wrong, logs } = await verifyAs(world, ALL);
  assert.deepEqual([wrong, logs[0]?.words], [{}, ['verified', 'witnessed by 1']]);
  if (python !== undefined)
    assert.deepEqual(await verifyInPython(python, world, ALL), { status: 0, wrong: [] });
});

async function holds({ victim, caught, act }: Attack, copy: World): Promise<void> {
  const honest = await verifyAs(copy, victim);
  const came = await act(copy);
  switch (caught.by) {
    case 'witness': {
      const round = came as Round;
      assert.equal(round.outcome === 'alarm' && round.alarm.kind, caught.alarm);
      return;
    }
    case 'refusal': {
      const round = came as Round;
      assert.equal(round.outcome, 'failed');
      assert.match('says' in round ? round.says : '', caught.says);
      return;
    }
    case 'proof':
      assert.match(String(came), caught.says);
      return;
    default: {
      const { wrong, unmeasured, logs } = await verifyAs(copy, victim);
      assert.deepEqual(Object.keys(wrong).sort(), caught.by === 'verify' ? caught.wrong : []);
      if (caught.by === 'nobody') {
        const added = Object.keys(unmeasured).filter((check) => !(check in honest.unmeasured));
        assert.deepEqual(added.sort(), caught.unmeasured);
        if (caught.words) assert.deepEqual(logs[0]?.words, caught.words);
      } else assert.ok(caught.wrong.length > 0);
      if (python === undefined) return;
      const [status, found] = caught.by === 'verify' ? [1, caught.wrong] : [0, []];
      assert.deepEqual(
        await verifyInPython(python, copy, victim),
        { status, wrong: found },
        'the Python verifier',
      );
    }
  }
}

describe('caught, or said to be unmeasured:', () => {
  for (const attack of ATTACKS) test(attack.name, async (t) => holds(attack, copyOf(world, t)));
});

test(
  'the Python verifier was asked',
  {
    skip: python === undefined && 'no Python with the locked packages on this machine',
  },
  () => assert.ok(python),
);

test('there are at least forty attacks, each of its own name, and the table is of them', () => {
  assert.ok(ATTACKS.length >= 40);
  assert.equal(new Set(ATTACKS.map(({ name }) => name)).size, ATTACKS.length);
  const table = tableOf(ATTACKS);
  if (process.env.VANTIO_WRITE_TABLE === '1') writeFileSync(TABLE, table);
  assert.equal(readFileSync(TABLE, 'utf8'), table);
});
