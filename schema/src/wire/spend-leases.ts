import { z } from 'zod';

const hex = () => z.string().regex(/^[0-9a-f]{32}$/, 'is 32 lower-case hex digits');
const amount = () => z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const ask = z.strictObject({
  rule_id: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'is the id of a cap')
    .describe(
      "Of the cap, in the policy that the control plane serves: its limit is the policy's.",
    ),
  lease_id: hex().describe('Made by the emitter, at random; the same ask again is the same lease.'),
  subject: hex().optional().describe('Of a cap over agents or models: whose, hashed.'),
  trace_id: hex().optional().describe('Of a cap over traces.'),
  need_microusd: amount().describe('Less is of no use.'),
  want_microusd: amount(),
});

const report = z.strictObject({
  bucket: hex().describe('As granted.'),
  lease_id: hex(),
  spent_microusd: amount().describe('So far.'),
  held_microusd: amount().describe('Not spent and not given back. 0: the lease is over.'),
});

/** What an emitter says of its leases, and asks for. Reports are taken in first. */
export const spendRequestSchema = z
  .strictObject({
    v: z.literal(1),
    session_id: hex().optional(),
    reports: z.array(report).max(200).default([]),
    asks: z.array(ask).max(32).default([]),
  })
  .meta({ id: 'SpendRequest' });

const figures = {
  window: z.string().describe('Key of the window: 2026-11-26T01, 2026-11-26, 2026-11 or a trace.'),
  used_microusd: amount().describe('Spent in the window, as far as it was told.'),
  limit_microusd: amount(),
};

const outcome = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('granted'),
    bucket: hex(),
    lease_id: hex(),
    amount_microusd: amount(),
    expires_in_ms: amount().describe('The emitter times it by its own clock.'),
    ...figures,
  }),
  z.strictObject({
    status: z.literal('used_up'),
    outstanding_microusd: amount().describe('Leased to emitters that have not told yet.'),
    retry_in_ms: amount(),
    ...figures,
  }),
  z.strictObject({
    status: z.literal('unknown_rule').describe('The policy that is served has no such cap.'),
  }),
]);

export const spendAnswerSchema = z
  .strictObject({
    v: z.literal(1),
    leases: z.array(outcome).describe('One for each ask, in order.'),
  })
  .meta({ id: 'SpendAnswer' });

export type SpendRequest = z.infer<typeof spendRequestSchema>;
export type SpendAnswer = z.infer<typeof spendAnswerSchema>;
export type SpendOutcome = SpendAnswer['leases'][number];
