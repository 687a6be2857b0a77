import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { parseEnvelope, recordHash } from '@vantio/schema';
import { skip } from '../testing/emulated.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createCloudParts, messageOf } from './cloud-parts.ts';
import { startFunction } from './function-process.ts';
import { type Answer, startGrpcProxy } from './grpc-proxy.ts';
import { push, pushUntilAcknowledged } from './push.ts';
import { storedHashes } from './stored-hashes.ts';

const setup = skip ? undefined : await start();
after(() => setup?.close());

async function start() {
  const parts = await createCloudParts();
  const spanner = await startGrpcProxy(process.env.SPANNER_EMULATOR_HOST ?? '');
  const pubsub = await startGrpcProxy(process.env.PUBSUB_EMULATOR_HOST ?? '');
  const hosts = { SPANNER_EMULATOR_HOST: spanner.host, PUBSUB_EMULATOR_HOST: pubsub.host };
  const close = async (): Promise<void> => {
    spanner.close();
    pubsub.close();
    await parts.close();
  };
  const startWriter = () => startFunction('writer', { ...parts.environment, ...hosts });
  return { parts, spanner, pubsub, startWriter, close };
}

function ready() {
  assert.ok(setup);
  return setup;
}

/** A message of which some records are in the ledger already, so that its commit has to be taken apart. */
async function messageFrom(tenantId: string, storedBefore: number) {
  const { parts, startWriter } = ready();
  const emitter = createEmitter(tenantId);
  const lines = linesOf(emitter, 24);
  const message = (part: readonly string[]) => messageOf(emitter, part, parts.ingestKey);
  if (storedBefore > 0) {
    const writer = await startWriter();
    await pushUntilAcknowledged(parts, writer.url, message(lines.slice(7, 7 + storedBefore)));
    await writer.kill();
  }
  const hashes = lines.map((line) => recordHash(parseEnvelope(line).canonical)).sort();
  return { data: message(lines), hashes };
}

type Moment = 'before' | 'after';

/** Runs a writer that dies at the nth call of a method, before the server has seen it or after it was carried out. */
async function killAt(
  proxy: 'spanner' | 'pubsub',
  method: string,
  nth: number,
  moment: Moment,
  data: string,
): Promise<void> {
  const { parts, startWriter, ...proxies } = ready();
  const writer = await startWriter();
  let calls = 0;
  proxies[proxy].intercept(method, async (_call, forward): Promise<Answer> => {
    if (++calls < nth) return forward();
    if (moment === 'after') await forward();
    await writer.kill();
    return { status: 0, message: Buffer.alloc(0) };
  });
  const answer = await push(parts, writer.url, data);
  proxies[proxy].intercept(method, undefined);
  assert.equal(answer, undefined, 'the writer lived to answer');
  await writer.kill();
}

let tenants = 0;
for (const [storedBefore, nth, moment, when] of [
  [0, 1, 'before', 'before its commit'],
  [0, 1, 'after', 'after its commit, before the answer'],
  // The whole, then eighths of three records; the third of them holds what was stored before, and is taken apart.
  [2, 3, 'before', 'in the middle of a bisect, before a part of it'],
  [2, 3, 'after', 'in the middle of a bisect, after a part of it'],
  [2, 5, 'before', 'at the duplicate itself'],
  [2, 12, 'after', 'at the end of a bisect, before the answer'],
] as const)
  test(`a writer killed ${when}: the next delivery leaves each record in the ledger once`, {
    skip,
  }, async () => {
    const { parts, startWriter } = ready();
    const tenantId = `k${tenants++}`;
    const { data, hashes } = await messageFrom(tenantId, storedBefore);
    await killAt('spanner', 'Commit', nth, moment, data);
    const writer = await startWriter();
    try {
      assert.deepEqual(await pushUntilAcknowledged(parts, writer.url, data), [204]);
    } finally {
      await writer.kill();
    }
    assert.deepEqual(await storedHashes(parts.database, tenantId), hashes);
  });

for (const [moment, letters] of [
  ['before', 1],
  ['after', 2],
] as const)
  test(`a writer killed ${moment} its dead letter was taken: ${letters} of it lie there, none is lost`, {
    skip,
  }, async () => {
    const { parts, startWriter } = ready();
    const emitter = createEmitter('forged');
    const { privateKey: stranger } = generateKeyPairSync('ed25519');
    const data = messageOf(emitter, linesOf(emitter, 2), stranger);
    await killAt('pubsub', 'Publish', 1, moment, data);
    const writer = await startWriter();
    try {
      assert.deepEqual(await pushUntilAcknowledged(parts, writer.url, data), [204]);
    } finally {
      await writer.kill();
    }
    for (let letter = 0; letter < letters; letter++)
      assert.equal((await parts.topics.nextDeadLetter()).reason, 'unknown_signer');
    assert.deepEqual(await storedHashes(parts.database, 'forged'), []);
  });
