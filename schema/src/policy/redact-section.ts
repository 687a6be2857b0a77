import { z } from 'zod';
import { ENTITIES } from '../fields/verdict.ts';
import { hostPattern, ruleFields } from './rule-fields.ts';

/** What may be listed; `custom` is counted for the patterns below and is not listed. */
export const REDACTABLE = ENTITIES.filter((entity) => entity !== 'custom');

export const redactSection = z.strictObject({
  id: ruleFields.id,
  entities: z
    .array(z.enum(REDACTABLE as [(typeof REDACTABLE)[number], ...(typeof REDACTABLE)[number][]]))
    .min(1)
    .optional()
    .describe('Absent: all.'),
  action: z
    .enum(['mask', 'hash', 'token'])
    .default('mask')
    .describe(
      'mask: [EMAIL]. hash: keyed, so that equal values stay equal. token: restored in the response.',
    ),
  custom: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(
            /^[a-z0-9][a-z0-9_-]{0,31}$/,
            'must be 1 to 32 of a-z, 0-9, _ and -, not _ or - first',
          ),
        pattern: z
          .string()
          .min(1)
          .max(1000)
          .describe('RE2 syntax: no back-references and no look-around, so that time is linear.'),
      }),
    )
    .max(100)
    .default([]),
  unscanned: z
    .enum(['allow', 'block'])
    .default('allow')
    .describe('What becomes of a body that cannot be looked at. allow: sent and recorded.'),
  walk_hosts: z
    .array(hostPattern())
    .max(1000)
    .default([])
    .describe('Hosts whose JSON bodies are searched in every string, beside the known providers.'),
  agents: ruleFields.agents,
  reason: ruleFields.reason,
  on_unavailable: ruleFields.on_unavailable,
});
