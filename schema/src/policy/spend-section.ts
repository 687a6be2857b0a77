import { z } from 'zod';
import { microUsd, namePattern, ruleFields } from './rule-fields.ts';

const perMillion = () => microUsd().describe('Micro-dollars for a million tokens.');

export const spendSection = z.strictObject({
  caps: z
    .array(
      z.strictObject({
        ...ruleFields,
        window: z.enum(['trace', 'hour', 'day', 'month']).describe('hour, day, month: of UTC.'),
        scope: z.enum(['key', 'agent', 'model']).describe('What is added up.'),
        limit_microusd: microUsd(),
        kind: z.enum(['hard', 'soft']).default('hard').describe('soft: recorded, not refused.'),
        models: z
          .array(namePattern('a model'))
          .min(1)
          .max(1000)
          .optional()
          .describe('Calls that count. Absent: all.'),
      }),
    )
    .max(1000)
    .default([]),
  unknown_model: z
    .enum(['allow', 'block'])
    .default('allow')
    .describe('What becomes of a call whose price is not known. allow: sent and recorded.'),
  prices: z
    .record(
      z.string().regex(/^[^\p{Cc}\p{Cs}]{1,128}$/u, 'must be a model id of 1 to 128 characters'),
      z.strictObject({
        input: perMillion(),
        output: perMillion(),
        cached_input: perMillion().optional(),
        cache_write: perMillion().optional(),
      }),
    )
    .default({})
    .describe('By model id; they go before the table of the emitter.'),
});
