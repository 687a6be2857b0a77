import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Message, Topic } from '@google-cloud/pubsub';
import type { Finding, ProbeName } from './finding.ts';
import { runProbes } from './run-probes.ts';
import type { Subject } from './subject.ts';
import { type BigQueryStandIn, startBigQueryStandIn } from './testing/big-query-stand-in.ts';
import { startHttp } from './testing/http-stand-in.ts';
import { skip, startMirrorSubject } from './testing/mirror-subject.ts';

const cloud = skip ? undefined : await startMirrorSubject();
after(() => cloud?.close());

function ready() {
  assert.ok(cloud);
  return cloud;
}

async function look(
  asked: readonly ProbeName[],
  other: Partial<Subject> = {},
): Promise<readonly Finding[]> {
  const { findings } = await runProbes({ ...ready().subject, ...other }, asked);
  return findings;
}

const verdicts = (findings: readonly Finding[]) => findings.map(({ verdict }) => verdict);
/** Where nothing is to come. */
const SHORT = { patience: 1000 } as const;

describe('end to end', { skip }, () => {
  test('the way through the door, Pub/Sub and the writer is proved, and how long it took is said', async () => {
    const { findings, notes } = await runProbes(ready().subject, ['end-to-end']);
    assert.deepEqual(verdicts(findings), ['proved', 'proved']);
    assert.match(
      notes.map(({ note }) => note).join(),
      /acknowledged after .* s,readable .* s after/,
    );
  });

  test('a door that acknowledges and stores nothing is refuted; so is one that does not sign', async () => {
    const { url, close } = await startHttp((_, response) => response.writeHead(202).end('{}'));
    const findings = await look(['end-to-end'], { url, ...SHORT });
    close();
    assert.deepEqual(verdicts(findings), ['refuted', 'refuted']);
    assert.match(findings[1]?.because ?? '', /^0 of 10 after/);
  });

  test('a door that refuses a sealed session is refuted, and one that is away not measured', async () => {
    const { url, close } = await startHttp((_, response) => response.writeHead(401).end());
    assert.deepEqual(verdicts(await look(['end-to-end'], { url })), ['refuted', 'not measured']);
    close();
    assert.deepEqual(verdicts(await look(['end-to-end'], { url })), [
      'not measured',
      'not measured',
    ]);
  });
});

describe('dead letters', { skip }, () => {
  test('a message that ingest did not sign is buried with its reason, and not stored', async () => {
    assert.deepEqual(verdicts(await look(['dead-letter'])), ['proved', 'proved', 'proved']);
  });

  /** A ledger topic with another writer behind it. */
  async function otherWriter(
    onMessage: (message: Message, deadLetter: Topic) => Promise<unknown>,
  ): Promise<{ readonly other: Partial<Subject>; readonly close: () => Promise<void> }> {
    const { pubsub, subject } = ready();
    const name = `other-${process.hrtime.bigint()}`;
    const [topic] = await pubsub.createTopic(name);
    const [subscription] = await topic.createSubscription(name);
    const deadLetter = pubsub.topic(subject.topics.deadLetter);
    subscription.on('message', (message) => {
      message.ack();
      void onMessage(message, deadLetter);
    });
    return {
      other: { topics: { ...subject.topics, ledger: topic.name } },
      close: () => subscription.close(),
    };
  }

  test('a writer that loses what it cannot store is refuted', async () => {
    const { other, close } = await otherWriter(async () => {});
    const findings = await look(['dead-letter'], { ...other, ...SHORT });
    await close();
    assert.deepEqual(verdicts(findings), ['refuted', 'proved', 'not measured']);
  });

  test('a writer that buries without the reason, or with another, is refuted', async () => {
    for (const given of [{}, { reason: 'row_refused' }]) {
      const { other, close } = await otherWriter((message, deadLetter) =>
        deadLetter.publishMessage({
          data: message.data,
          attributes: { source_message_id: message.id, ...given },
        }),
      );
      const findings = await look(['dead-letter'], other);
      await close();
      assert.deepEqual(verdicts(findings), ['refuted', 'proved', 'proved']);
    }
  });

  test('a dead letter of somebody else is not taken for ours', async () => {
    const { other, close } = await otherWriter((message, deadLetter) =>
      deadLetter.publishMessage({
        data: message.data,
        attributes: { source_message_id: '0', reason: 'unknown_signer' },
      }),
    );
    const findings = await look(['dead-letter'], { ...other, ...SHORT });
    await close();
    assert.equal(findings[0]?.verdict, 'refuted');
  });

  test('a subscription that keeps nothing of that topic is refuted, a topic that is not there not measured', async () => {
    const { subject } = ready();
    const elsewhere = 'projects/vantio-local/subscriptions/no-such-subscription';
    assert.deepEqual(verdicts(await look(['dead-letter'], { deadLetterSubscription: elsewhere })), [
      'proved',
      'refuted',
      'proved',
    ]);
    const topics = { ...subject.topics, ledger: 'projects/vantio-local/topics/no-such-topic' };
    assert.deepEqual(
      new Set(verdicts(await look(['dead-letter'], { topics }))),
      new Set(['not measured']),
    );
  });

  test('no subscription of the probe is left behind', async () => {
    const { pubsub, subject } = ready();
    const [left] = await pubsub.topic(subject.topics.deadLetter).getSubscriptions();
    assert.deepEqual(
      left.map(({ name }) => name),
      [subject.deadLetterSubscription],
    );
  });
});

describe('federated queries', { skip }, () => {
  let bigQuery: BigQueryStandIn;
  before(async () => {
    const session = await (await ready().subject.spannerAs('owner')).openSession();
    bigQuery = await startBigQueryStandIn((sql) => session.query(sql));
    assert.deepEqual(verdicts(await look(['end-to-end'])), ['proved', 'proved']);
  });
  after(() => bigQuery.close());

  const ask = (fault: Parameters<BigQueryStandIn['misbehave']>[0] = {}) => {
    bigQuery.misbehave(fault);
    return look(['federated'], { bigQuery: bigQuery.client });
  };

  test('every query of schema/queries is asked of both, and the same rows in another order are the same', async () => {
    const findings = await ask();
    assert.ok(findings.length > 25);
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict !== 'proved'),
      [],
    );
  });

  test('a row too few, too many, twice instead of another, or with another value is refuted where it is', async () => {
    for (const rows of [
      (all) => all.slice(1),
      (all) => [...all, ...all.slice(0, 1)],
      (all) => all.map((row, index) => (index === 0 ? (all.at(-1) ?? row) : row)),
      (all) => all.map(([, ...rest]) => [null, ...rest]),
    ] satisfies readonly ((
      all: readonly (readonly (string | null)[])[],
    ) => readonly (readonly (string | null)[])[])[]) {
      const findings = await ask({ rows });
      const log = findings.find(({ claim }) => claim.includes('what-does-article-12-ask-for'));
      assert.equal(log?.verdict, 'refuted', log?.because);
    }
  });

  test('a query that BigQuery refuses is refuted; a BigQuery that is away or out of quota is not measured', async () => {
    const [denied] = await ask({ problem: { status: 403, reason: 'accessDenied' } });
    assert.equal(denied?.verdict, 'refuted');
    const [invalid] = await ask({ problem: { status: 400, reason: 'invalidQuery' } });
    assert.equal(invalid?.verdict, 'refuted');
    for (const problem of [
      { status: 403, reason: 'quotaExceeded' },
      { status: 404, reason: 'notFound' },
    ])
      assert.equal((await ask({ problem }))[0]?.verdict, 'not measured');
  });

  test('no rows on either side is not called an answer', async () => {
    bigQuery.misbehave({});
    const findings = await look(['federated'], {
      bigQuery: bigQuery.client,
      apiKey: ready().keyFor('probe-without-records'),
    });
    assert.equal(findings.at(-1)?.claim, 'there were rows to compare');
    assert.ok(findings.some(({ claim }) => claim === 'BigQuery takes who-reached-which-host'));
  });

  test('a role that may not read is not measured: nothing was compared', async () => {
    ready().misbehave({ mayBe: ({ role }, granted) => granted && role !== 'compliance_reader' });
    assert.deepEqual(verdicts(await ask()), ['not measured']);
    ready().misbehave({});
  });
});

test('the rate limit of the real door is proved', { skip }, async () => {
  const findings = await look(['rate-limit'], { apiKey: ready().keyFor('probe-rate') });
  assert.deepEqual(verdicts(findings), ['proved', 'proved', 'proved']);
});
