import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';

describe('the buckets of the tree', () => {
  let dev: Program;
  let prod: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    prod = await runProgram(FULL);
  });
  const bucket = (program: Program, name: string) => program.one('storage/bucket:Bucket', name);

  it('keep what is settled under a lock in prod, and under none in dev', () => {
    const retention = (program: Program) => bucket(program, 'settled').inputs.retentionPolicy;
    assert.deepEqual(retention(dev), { isLocked: false, retentionPeriod: '86400' });
    assert.deepEqual(retention(prod), { isLocked: true, retentionPeriod: String(400 * 86_400) });
  });

  it('take another retention, and still lock it', async () => {
    const longer = await runProgram({ ...FULL, 'vantio:tileRetentionDays': '3650' });
    const { retentionPolicy } = bucket(longer, 'settled').inputs;
    assert.deepEqual(retentionPolicy, { isLocked: true, retentionPeriod: String(3650 * 86_400) });
  });

  it('let the moving checkpoint move', () => {
    for (const program of [dev, prod])
      assert.equal(bucket(program, 'moving').inputs.retentionPolicy, undefined);
  });

  it('are filled by the sealer and read by the log; what is settled nobody may overwrite', () => {
    const rights = dev
      .all('storage/bucketIAMMember:BucketIAMMember')
      .filter(({ inputs }) => inputs.bucket.includes('tiles'))
      .map(({ inputs }) => {
        const who = inputs.member.replace(/^serviceAccount:vantio-|@.*$/g, '');
        return `${who} ${inputs.role.split('.').at(-1)} ${inputs.bucket.split('-vantio-')[1]}`;
      });
    assert.deepEqual(rights.sort(), [
      'log objectViewer tiles',
      'log objectViewer tiles-moving',
      'sealer objectCreator tiles',
      'sealer objectUser tiles-moving',
      'sealer objectViewer tiles',
    ]);
  });

  it('are never public, and outlive `pulumi destroy`', () => {
    for (const program of [dev, prod])
      for (const name of ['settled', 'moving']) {
        const { inputs, options } = bucket(program, name);
        assert.equal(inputs.publicAccessPrevention, 'enforced');
        assert.equal(inputs.uniformBucketLevelAccess, true);
        assert.equal(inputs.forceDestroy, false);
        assert.deepEqual([options.protect, options.retainOnDelete], [true, true]);
      }
  });
});
