import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLedgerVerifier, parseEnvelope, receivedKey, recordHash } from '@vantio/schema';
import { createRandom } from '../../testing/seeded-random.ts';
import { exportLedger } from '../export/export-ledger.ts';
import { skip } from '../testing/emulated.ts';
import { createEmitter, type Emitter, keymaker, linesOf } from '../testing/records.ts';
import { createChaos, type Deaths } from './chaos.ts';
import { type CloudParts, createCloudParts, messageOf } from './cloud-parts.ts';
import { createFunctionSlot } from './function-slot.ts';
import { startGrpcProxy } from './grpc-proxy.ts';
import { push } from './push.ts';
import { DELIVERIES, startRedeliveringFront } from './redelivering-front.ts';
import { startSeveredPort } from './severed-port.ts';
import { storedHashes } from './stored-hashes.ts';

/** The whole of it is played again with VANTIO_FAULT_SEED, up to what the machine itself makes of it. */
const SEED = Number(process.env.VANTIO_FAULT_SEED ?? randomInt(2 ** 31));
const TENANTS = 40;
const EVENTS = 256;
const FORGERIES = 12;
const HOUR = 60;

type Tenant = { readonly emitter: Emitter; readonly lines: readonly string[] };

const hashesOf = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => recordHash(parseEnvelope(line).canonical)).sort();

/** Half of the calls die before and half after, for a call can die only once. */
function apart(calls: ReadonlySet<number>): Deaths {
  const all = [...calls];
  const half = all.length / 2;
  return { before: new Set(all.slice(0, half)), after: new Set(all.slice(half)) };
}

test(`${TENANTS * EVENTS} events of ${TENANTS} tenants through every fault at once (VANTIO_FAULT_SEED=${SEED}): each acknowledged event is in the ledger once, and nothing else is`, {
  skip,
}, async (t) => {
  const random = createRandom(SEED);
  const parts = await createCloudParts();
  const redis = await startSeveredPort(Number(new URL(process.env.REDIS_URL ?? '').port));
  // Every reading of a secret takes its time.
  parts.secrets.slowBy(300);

  const commits = createChaos({
    random,
    method: 'Commit',
    deaths: { before: random.some(4, 250), after: random.some(4, 250) },
    smallDeaths: { before: random.some(3, 5000), after: random.some(3, 5000) },
  });
  const letters = createChaos({
    random,
    method: 'Publish',
    // A dead letter is small; what ingest publishes goes another way.
    deaths: { before: new Set(), after: new Set() },
    smallDeaths: apart(random.some(4, 8)),
  });
  const publishes = createChaos({
    random,
    method: 'Publish',
    deaths: { before: random.some(2, 150), after: random.some(2, 150) },
  });

  const writers = await Promise.all(
    [0, 1].map(async () => {
      const spanner = await startGrpcProxy(process.env.SPANNER_EMULATOR_HOST ?? '');
      const pubsub = await startGrpcProxy(process.env.PUBSUB_EMULATOR_HOST ?? '');
      const slot = await createFunctionSlot('writer', {
        ...parts.environment,
        SPANNER_EMULATOR_HOST: spanner.host,
        PUBSUB_EMULATOR_HOST: pubsub.host,
      });
      commits.haunt(spanner, slot.kill);
      letters.haunt(pubsub, slot.kill);
      return { slot, proxies: [spanner, pubsub] };
    }),
  );
  // One ingest's clock is an hour fast, the other's an hour slow.
  const ingests = await Promise.all(
    [HOUR, -HOUR].map(async (minutes) => {
      const pubsub = await startGrpcProxy(process.env.PUBSUB_EMULATOR_HOST ?? '');
      const slot = await createFunctionSlot('ingest', {
        ...parts.environment,
        PUBSUB_EMULATOR_HOST: pubsub.host,
        REDIS_URL: `redis://127.0.0.1:${redis.port}`,
        VANTIO_TEST_CLOCK_MINUTES: String(minutes),
      });
      publishes.haunt(pubsub, slot.kill);
      return { slot, proxies: [pubsub] };
    }),
  );
  const slots = [...writers, ...ingests];

  const front = await startRedeliveringFront({
    random,
    deliver: async (body) => {
      const { message } = JSON.parse(body.toString());
      const url = await random.pick(writers).slot.url();
      return push(parts, url, Buffer.from(message.data, 'base64'), message.messageId);
    },
  });
  t.after(async () => {
    front.close();
    redis.close();
    for (const { slot, proxies } of slots) {
      await slot.close();
      for (const proxy of proxies) proxy.close();
    }
    await parts.close();
  });
  await parts.topics.pushTo(front.url);

  const tenants: readonly Tenant[] = Array.from({ length: TENANTS }, (_, index) => {
    const plan = index % 4 === 0 ? 'free' : 'paid';
    const emitter = createEmitter(`t${index}`, plan, keymaker.privateKey);
    return { emitter, lines: linesOf(emitter, EVENTS) };
  });

  /** As an SDK does: the same bytes again, to whatever instance, until they are acknowledged. */
  const sendUntilAcknowledged = async (apiKey: string, lines: readonly string[]): Promise<void> => {
    for (;;) {
      t.signal.throwIfAborted();
      const url = await random.pick(ingests).slot.url();
      const response = await fetch(url, {
        method: 'POST',
        body: lines.join('\n'),
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
      }).catch(() => undefined);
      await response?.arrayBuffer().catch(() => {});
      if (response?.status === 202) return;
      assert.ok(response === undefined || response.status === 503, `${response?.status}`);
      await sleep(20);
    }
  };

  const sendAll = async ({ emitter, lines }: Tenant): Promise<void> => {
    for (let from = 0; from < lines.length; ) {
      const batch = lines.slice(from, from + 8 + random.below(56));
      await sendUntilAcknowledged(emitter.apiKey, batch);
      // Some believe that they were not answered.
      if (random.next() < 0.1) await sendUntilAcknowledged(emitter.apiKey, batch);
      from += batch.length;
    }
  };

  const forged = publishForgeries(parts, tenants);
  const queue = [...tenants];
  let sent = 0;
  const emit = async (): Promise<void> => {
    for (let tenant = queue.shift(); tenant; tenant = queue.shift()) {
      await sendAll(tenant);
      sent++;
      if (sent === Math.floor(TENANTS / 3)) redis.cut();
      if (sent === Math.floor((2 * TENANTS) / 3)) await redis.restore();
    }
  };
  await Promise.all(Array.from({ length: 6 }, emit));
  const forgeries = await forged;

  // Pub/Sub has handed everything over when the ledger holds all of it; then what waits in front is worked off.
  for (const { emitter, lines } of tenants)
    while ((await storedHashes(parts.database, emitter.tenantId)).length < lines.length)
      await sleep(100, undefined, t);
  while (!front.isDone()) await sleep(50, undefined, t);
  for (const chaos of [commits, letters, publishes]) chaos.end();
  t.diagnostic(
    JSON.stringify({
      messages: front.acknowledged.size,
      commits: commits.happened,
      letters: letters.happened,
      publishes: publishes.happened,
    }),
  );

  for (const { emitter, lines } of tenants) {
    assert.deepEqual(await storedHashes(parts.database, emitter.tenantId), hashesOf(lines));
    await assertVerifies(parts, emitter, lines);
  }
  const [rows] = await parts.database.run({
    sql: 'SELECT DISTINCT TenantId FROM TrueTimeLedger',
    json: true,
  });
  assert.equal(rows.length, TENANTS);

  const buried = new Map<string | undefined, string | undefined>();
  while (forgeries.size > 0) {
    const { reason, sourceMessageId } = await parts.topics.nextDeadLetter();
    buried.set(sourceMessageId, reason);
    const expected = forgeries.get(sourceMessageId ?? '');
    assert.equal(reason, expected ?? buried.get(sourceMessageId));
    forgeries.delete(sourceMessageId ?? '');
  }

  // The faults were there.
  for (const kind of ['killed before', 'killed after'])
    for (const size of ['large', 'small'])
      assert.ok(commits.happened[`${kind}, ${size}`], `no writer was ${kind}, ${size}`);
  assert.ok(commits.happened.lost && commits.happened.refused);
  assert.ok(letters.happened['killed before, small'] && letters.happened['killed after, small']);
  assert.ok(publishes.happened.lost && publishes.happened.refused);
  assert.ok([...front.acknowledged.values()].every((times) => times >= DELIVERIES));
  for (const { slot } of slots) assert.deepEqual(slot.complaints(), []);
});

/** Messages that no ingest made. @returns the reason that each is to lie under in the dead letters, by its id. */
async function publishForgeries(
  { topics, ingestKey }: CloudParts,
  tenants: readonly Tenant[],
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for (let index = 0; index < FORGERIES; index++) {
    const { emitter, lines } = tenants[index] as Tenant;
    const other = tenants[index + 1] as Tenant;
    const real = messageOf(emitter, lines.slice(0, 2), ingestKey);
    const [reason, data] = (
      [
        ['malformed_message', real.slice(0, -40)],
        ['malformed_message', 'not ours'],
        // Under another tenant's name: as its header says, and resealed by somebody who has ingest's key but not the tenant's.
        ['forged_message', real.replaceAll(emitter.tenantId, other.emitter.tenantId)],
        ['invalid_record', messageOf(other.emitter, lines.slice(0, 2), ingestKey)],
      ] as const
    )[index % 4] as readonly [string, string];
    reasons.set(await topics.ledger.publishMessage({ data: Buffer.from(data) }), reason);
  }
  return reasons;
}

async function assertVerifies(
  { database }: CloudParts,
  { tenantId, apiKey, keyId }: Emitter,
  lines: readonly string[],
): Promise<void> {
  const receivedKeys = new Map([[keyId, receivedKey(apiKey)]]);
  const findings: string[] = [];
  const verifier = createLedgerVerifier({
    apiKeys: [apiKey],
    onFinding: ({ severity, message }) => severity === 'wrong' && findings.push(message),
  });
  let number = 0;
  for await (const exported of exportLedger({ database, tenantId, receivedKeys }))
    verifier.line(exported.line.trimEnd(), { file: tenantId, line: ++number });
  const { records, verified, wrong } = verifier.finish();
  assert.deepEqual([records, verified, wrong], [lines.length, lines.length, {}], findings[0]);
}
