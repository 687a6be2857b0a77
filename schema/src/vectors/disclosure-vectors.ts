import { readApiKey } from '../api-key.ts';
import { commitment, type Disclosure } from '../commitment.ts';
import { recordKey } from '../hash.ts';
import { createSession, type SealedRecord } from '../session.ts';
import { fixedBytes, fixedKey } from './fixed-keys.ts';
import { API_KEY, agentName, EPOCH, sampleSession } from './sample-session.ts';

export type EnvelopeVector = {
  readonly name: string;
  readonly envelope: string;
  readonly record_hash: string;
  readonly disclosures: readonly Disclosure[];
};

type RejectedDisclosure = readonly [name: string, envelope: string, code: string, field: string];

const [, request, shield] = sampleSession() as [SealedRecord, SealedRecord, SealedRecord];

const path = (field: Disclosure['field'], value: string): Disclosure => ({
  field,
  salt: fixedBytes(`salt of ${field} ${value.length}`),
  value,
});
const program = path('exec_path', '/usr/bin/env');
const interpreter = path('interpreter_path', '/usr/bin/python3');
const escapes = path('exec_path', '"quoted"\\\n\t\b\f\r\u0000\u001f/\u007f\u2028é😀');
const longest = path('exec_path', 'x'.repeat(4096));
const longestAstral = path('exec_path', '😀'.repeat(2048));

/** Programs that were started, each with its disclosures: of one session, so that their places in it differ. */
function startedPrograms(): ReadonlyMap<
  string,
  SealedRecord & Pick<EnvelopeVector, 'disclosures'>
> {
  const session = createSession({
    ...readApiKey(API_KEY),
    source: 'sdk_node',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey('disclosing session'),
  });
  session.seal(
    {
      event_type: 'session_start',
      action_taken: 'RECORDED',
      evidence: 'observed',
      trace_origin: 'none',
      session_public_key: session.publicKey,
      emitter: 'vectors',
      emitter_version: '1',
    },
    EPOCH,
  );
  const started = (committed: readonly Disclosure[], disclosures = committed) => ({
    ...session.seal(
      {
        event_type: 'process_exec',
        action_taken: 'OBSERVED',
        evidence: 'observed',
        trace_origin: 'none',
        ...Object.fromEntries(
          committed.map((one) => [`${one.field}_commit` as const, commitment(one)]),
        ),
      },
      EPOCH,
      disclosures,
    ),
    disclosures,
  });
  return new Map([
    ['two disclosures', started([program, interpreter])],
    [
      'two disclosures, the other way round',
      started([program, interpreter], [interpreter, program]),
    ],
    ['one of two commitments disclosed', started([program, interpreter], [interpreter])],
    ['commitments that nothing discloses', started([program, interpreter], [])],
    ['a value whose JSON has escapes', started([escapes])],
    ['a value of 4,096 code units', started([longest])],
    ['a value of 4,096 code units, in pairs', started([longestAstral])],
  ]);
}

const programs = startedPrograms();

export const acceptEnvelopes = (): EnvelopeVector[] =>
  [
    ['no disclosures', { ...request, disclosures: [] }] as const,
    ['one disclosure', { ...shield, disclosures: [agentName] }] as const,
    ...programs,
  ].map(([name, { envelope, hash, disclosures }]) => ({
    name,
    envelope,
    record_hash: hash,
    disclosures,
  }));

export function rejectDisclosures(): RejectedDisclosure[] {
  const beside = (disclosures: string, { canonical, mac } = shield) =>
    `{"disclosures":${disclosures},"record":${canonical},"record_mac":"${mac}"}`;
  const [two] = programs.values() as Iterator<SealedRecord> & Iterable<SealedRecord>;
  const both = two as SealedRecord;
  const salt = '0'.repeat(64);
  const text = ({ field, salt, value }: Disclosure) => JSON.stringify({ field, salt, value });
  return [
    [
      'a disclosure that does not match',
      shield.envelope.replace('research', 'reseorch'),
      'disclosure_mismatch',
      'agent_name_commit',
    ],
    [
      'a disclosure of a field the record has not committed',
      beside(`[{"field":"file_path","salt":"${salt}","value":"x"}]`),
      'disclosure_mismatch',
      'file_path_commit',
    ],
    [
      'a disclosure of an unknown field',
      beside(`[{"field":"prompt","salt":"${salt}","value":"x"}]`),
      'bad_value',
      'disclosures.field',
    ],
    [
      'a disclosure with a short salt',
      beside('[{"field":"agent_name","salt":"00","value":"x"}]'),
      'bad_value',
      'disclosures.salt',
    ],
    [
      'a disclosure with a salt in capitals',
      beside(`[${text({ ...agentName, salt: agentName.salt.toUpperCase() })}]`),
      'bad_value',
      'disclosures.salt',
    ],
    [
      'a disclosure of nothing',
      beside(`[{"field":"agent_name","salt":"${salt}","value":""}]`),
      'bad_value',
      'disclosures.value',
    ],
    [
      'a disclosure without a value',
      beside(`[{"field":"agent_name","salt":"${salt}"}]`),
      'bad_value',
      'disclosures.value',
    ],
    [
      'a disclosure with a lone surrogate',
      beside(`[{"field":"agent_name","salt":"${salt}","value":"\\udfff"}]`),
      'bad_value',
      'disclosures.value',
    ],
    [
      'a disclosure over its bound',
      beside(`[{"field":"agent_name","salt":"${salt}","value":"${'x'.repeat(4097)}"}]`),
      'bad_value',
      'disclosures.value',
    ],
    [
      'a member more in a disclosure',
      beside(`[{"field":"agent_name","more":1,"salt":"${salt}","value":"x"}]`),
      'unknown_field',
      'disclosures.more',
    ],
    [
      'members of a disclosure in another order',
      beside(
        `[{"salt":"${agentName.salt}","field":"agent_name","value":${JSON.stringify(agentName.value)}}]`,
      ),
      'not_canonical',
      'envelope',
    ],
    [
      'a disclosure with an escape that is none of the canonical form',
      beside(`[${text(agentName).replace('research', '\\u0072esearch')}]`),
      'not_canonical',
      'envelope',
    ],
    ['a disclosure that is text', beside('["agent_name"]'), 'not_an_object', 'disclosures'],
    ['disclosures that are no list', beside(text(agentName)), 'bad_value', 'disclosures'],
    ['an empty list of disclosures', beside('[]'), 'bad_value', 'disclosures'],
    ['disclosures: null', beside('null'), 'bad_value', 'disclosures'],
    [
      'a field disclosed twice',
      beside(`[${text(program)},${text(program)}]`, both),
      'bad_value',
      'disclosures',
    ],
    [
      'one disclosure of two that does not match',
      beside(`[${text(program)},${text({ ...interpreter, value: '/bin/sh' })}]`, both),
      'disclosure_mismatch',
      'interpreter_path_commit',
    ],
    [
      'the disclosures of two fields swapped',
      beside(
        `[${text({ ...program, field: 'interpreter_path' })},${text({ ...interpreter, field: 'exec_path' })}]`,
        both,
      ),
      'disclosure_mismatch',
      'interpreter_path_commit',
    ],
    [
      'five disclosures',
      beside(`[${Array(5).fill(text(program)).join(',')}]`, both),
      'bad_value',
      'disclosures',
    ],
  ];
}
