import * as assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { sealBatch } from '../../../schema/src/wire/sealed-batch.ts';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';
import { SEALED_BATCH_SCHEMA } from './sealed-batch-schema.ts';

const PUBSUB = 'serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com';

describe('the way to the writer', () => {
  let dev: Program;
  let prod: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    prod = await runProgram(FULL);
  });
  const publishers = (topic: string) =>
    dev
      .all('pubsub/topicIAMMember:TopicIAMMember')
      .filter(({ inputs }) => inputs.topic === topic)
      .map(({ inputs }) => inputs.member.replace(/@example-project\..*/, ''))
      .sort();

  it('takes only messages of the form that ingest makes', () => {
    const topic = dev.one('pubsub/topic:Topic', 'ledger-topic').inputs;
    assert.deepEqual(topic.schemaSettings, {
      schema: 'projects/example-project/schemas/vantio-sealed-batch',
      encoding: 'JSON',
    });
    assert.equal(dev.one('pubsub/schema:Schema', 'sealed-batch').inputs.type, 'AVRO');
    const { privateKey } = generateKeyPairSync('ed25519');
    const header = {
      tenant_id: 'acme',
      key_id: '0'.repeat(16),
      received_at: '2026-01-01T00:00:00Z',
    };
    const message = JSON.parse(sealBatch(header, ['{}'], privateKey));
    const { fields } = JSON.parse(SEALED_BATCH_SCHEMA);
    const kinds = { int: 'number', string: 'string' } as const;
    assert.deepEqual(
      Object.fromEntries(fields.map(({ name, type }: Field) => [name, kinds[type]])),
      Object.fromEntries(Object.entries(message).map(([name, value]) => [name, typeof value])),
    );
  });

  it('keeps messages in the region', () => {
    for (const { inputs } of dev.all('pubsub/topic:Topic'))
      assert.deepEqual(inputs.messageStoragePolicy.allowedPersistenceRegions, ['europe-west1']);
  });

  it('lets ingest publish events, config its own, and the writer and Pub/Sub dead letters', () => {
    assert.deepEqual(publishers('vantio-ledger'), [
      'serviceAccount:vantio-config',
      'serviceAccount:vantio-ingest',
    ]);
    assert.deepEqual(publishers('vantio-seal'), ['serviceAccount:vantio-sealer']);
    assert.deepEqual(publishers('vantio-dead-letter'), [PUBSUB, 'serviceAccount:vantio-writer']);
  });

  it('calls the writer as an account of its own, for the audience that the writer expects', () => {
    const push = dev.one('pubsub/subscription:Subscription', 'writer-push').inputs;
    const writer = dev.one('cloudfunctionsv2/function:Function', 'function-writer').inputs;
    const { environmentVariables } = writer.serviceConfig;
    assert.equal(push.pushConfig.pushEndpoint, 'https://vantio-writer-abc.a.run.app');
    const token = push.pushConfig.oidcToken;
    assert.equal(token.audience, environmentVariables.VANTIO_PUSH_AUDIENCE);
    assert.equal(token.serviceAccountEmail, environmentVariables.VANTIO_PUSH_ACCOUNT);
    assert.match(token.serviceAccountEmail, /^vantio-push@/);
  });

  it('brings the sealer its lists back, each to one instance at a time', () => {
    const push = dev.one('pubsub/subscription:Subscription', 'sealer-push').inputs;
    const { timeoutSeconds } = dev.one('cloudfunctionsv2/function:Function', 'function-sealer')
      .inputs.serviceConfig;
    assert.equal(push.topic, 'Topic/seal-topic');
    assert.equal(push.pushConfig.pushEndpoint, 'https://vantio-sealer-abc.a.run.app');
    assert.match(push.pushConfig.oidcToken.audience, /\/vantio-sealer$/);
    assert.ok(push.ackDeadlineSeconds > timeoutSeconds && push.ackDeadlineSeconds <= 600);
  });

  it('lets only the operators named look at dead letters and send them again', () => {
    const rightsOf = (program: Program) =>
      program.made
        .filter(({ type }) => /pubsub\/(topic|subscription)IAMMember:/.test(type))
        .filter(({ inputs }) => inputs.member.startsWith('user:'))
        .map(({ inputs }) => [inputs.subscription ?? inputs.topic, inputs.role, inputs.member])
        .sort();
    assert.deepEqual(rightsOf(dev), []);
    assert.deepEqual(rightsOf(prod), [
      ['vantio-dead-letter', 'roles/pubsub.subscriber', 'user:letters@example.com'],
      ['vantio-ledger', 'roles/pubsub.publisher', 'user:letters@example.com'],
    ]);
  });

  it('sets a message aside after a hundred attempts, and keeps it for a person', () => {
    const push = dev.one('pubsub/subscription:Subscription', 'writer-push').inputs;
    const { timeoutSeconds } = dev.one('cloudfunctionsv2/function:Function', 'function-writer')
      .inputs.serviceConfig;
    assert.equal(push.deadLetterPolicy.maxDeliveryAttempts, 100);
    assert.ok(push.ackDeadlineSeconds > timeoutSeconds);
    assert.equal(push.expirationPolicy.ttl, '');
    const waiting = dev.one('pubsub/subscription:Subscription', 'dead-letters').inputs;
    assert.equal(waiting.topic, push.deadLetterPolicy.deadLetterTopic);
    assert.equal(waiting.expirationPolicy.ttl, '');
    assert.equal(waiting.pushConfig, undefined);
    const { inputs } = dev.one(
      'pubsub/subscriptionIAMMember:SubscriptionIAMMember',
      'pubsub-acknowledges',
    );
    assert.deepEqual(
      [inputs.subscription, inputs.role, inputs.member],
      ['vantio-ledger-writer', 'roles/pubsub.subscriber', PUBSUB],
    );
  });

  it('is encrypted with the own key where that was chosen', () => {
    for (const { inputs } of prod.all('pubsub/topic:Topic'))
      assert.match(inputs.kmsKeyName, /\/keyRings\/vantio\/cryptoKeys\/vantio-data$/);
  });
});

type Field = { readonly name: string; readonly type: 'int' | 'string' };
