import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { PubSub } from '@google-cloud/pubsub';
import { sealBatch } from '../../schema/dist/wire/sealed-batch.js';

/** The suite sets it when this machine has the emulators. */
const skip =
  process.env.PUBSUB_EMULATOR_HOST === undefined &&
  'no emulators on this machine; see the line above';

const ran = (...args: readonly string[]) =>
  new Promise<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }>(
    (resolve) => {
      execFile(
        process.execPath,
        ['sdk/cli/bin/vantio.js', 'dlq', ...args],
        (error, stdout, stderr) =>
          resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
      );
    },
  );

const pubsub = skip ? undefined : new PubSub({ projectId: 'vantio-local' });
after(() => pubsub?.close());

test('vantio dlq lists letters, sends the one that is meant, and leaves the others', {
  skip,
}, async () => {
  assert.ok(pubsub);
  const id = randomBytes(6).toString('hex');
  const [ledger] = await pubsub.createTopic(`ledger-${id}`);
  const [arrived] = await ledger.createSubscription(`ledger-${id}`);
  const [dead] = await pubsub.createTopic(`dead-${id}`);
  const [letters] = await dead.createSubscription(`dead-${id}`);
  const { privateKey } = generateKeyPairSync('ed25519');
  const header = { key_id: '0'.repeat(16), received_at: '2026-11-23T10:00:00.000000Z' };
  const sealed = ['acme', 'globex'].map((tenant_id) =>
    sealBatch({ ...header, tenant_id }, ['{"secret":"content"}'], privateKey),
  );
  for (const [index, data] of sealed.entries())
    await dead.publishMessage({
      data: Buffer.from(data),
      attributes: { reason: 'unknown_signer', source_message_id: `s${index}` },
    });
  // An attribute of somebody who would like to write on the operator's screen.
  await dead.publishMessage({ data: Buffer.from('x'), attributes: { reason: '\u001b[2Jgone' } });

  const where = ['--subscription', letters.name];
  const listed = await ran('list', ...where, '--json');
  assert.equal(listed.status, 0, listed.stderr);
  const { letters: found, more } = JSON.parse(listed.stdout);
  assert.equal(more, false);
  assert.deepEqual(
    found.map((letter: Record<string, unknown>) => [
      letter.reason,
      letter.source_message_id,
      letter.tenant_id,
      letter.records,
    ]),
    [
      ['unknown_signer', 's0', 'acme', 1],
      ['unknown_signer', 's1', 'globex', 1],
      ['unstated', undefined, undefined, undefined],
    ],
  );
  const shown = await ran('list', ...where);
  assert.match(shown.stdout, / {2}unknown_signer {2}acme {2}1 record {2}\d+ B {2}just now\n/);
  assert.match(
    shown.stdout,
    / {2}unstated {2}not of our form {2}1 B {2}just now\n3 dead letters\n$/,
  );
  for (const { stdout } of [listed, shown]) assert.doesNotMatch(stdout, /content|gone/);

  const [{ message_id: wanted }] = found;
  const replay = ['replay', ...where, '--topic', ledger.name];
  const sent = await ran(...replay, '--id', wanted, '--id', '404');
  assert.equal(sent.status, 1);
  assert.match(sent.stdout, /^sent again {2}\d+ [^\n]*\n1 dead letter sent again, 0 not taken, 0 /);
  assert.match(sent.stderr, /^vantio: no dead letter 404 is to be had here now\.\n$/);
  const message = await new Promise<{ data: Buffer }>((resolve) => {
    arrived.once('message', (taken) => {
      taken.ack();
      resolve(taken);
    });
  });
  await arrived.close();
  assert.equal(message.data.toString(), sealed[0]);
  const rest = JSON.parse((await ran('list', ...where, '--json')).stdout).letters;
  assert.deepEqual(rest.length, 2);

  const missing = await ran('list', '--subscription', 'projects/vantio-local/subscriptions/none-x');
  assert.equal(missing.status, 2);
  assert.equal(
    missing.stderr,
    'vantio: the subscription cannot be read: there is none of that name.\n',
  );
});
