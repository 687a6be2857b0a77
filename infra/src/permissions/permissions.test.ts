import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { FULL } from '../testing/config.ts';
import { runProgram } from '../testing/run-program.ts';
import { currentPermissions, PAGE } from './current.ts';
import { grantsOf } from './grants.ts';

describe('PERMISSIONS.md', () => {
  it('is what the program grants now (npm run permissions)', async () => {
    assert.equal(readFileSync(PAGE, 'utf8'), await currentPermissions());
  });

  it('leaves no grant out', async () => {
    const { made } = await runProgram(FULL);
    const granting = made.filter(({ inputs }) => inputs.member ?? inputs.authorizedDataset);
    assert.equal(grantsOf(made).length, granting.length);
  });

  it('cannot be made while it knows nothing of something that grants', () => {
    const type = 'gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember';
    assert.throws(
      () => grantsOf([{ type, name: 'a', inputs: {}, secrets: [], options: {} }]),
      /grants/,
    );
  });
});
