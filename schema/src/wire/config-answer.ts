import { z } from 'zod';
import { tenantId } from '../fields/alphabets.ts';
import { PLANS } from '../plans.ts';

/** What an emitter may know of its tenant and its limits. */
export const configAnswerSchema = z
  .strictObject({
    v: z.literal(1),
    tenant_id: tenantId(),
    plan: z.enum(PLANS),
    mode: z
      .enum(['observe', 'enforce', 'dry_run'])
      .describe("The policy's mode; observe: there is no policy."),
    policy: z
      .string()
      .optional()
      .describe("The policy's envelope, a text of its own: schema/policy.md, section 7."),
    limits: z.strictObject({
      wire_bytes: z.int().describe('Bytes of a body as it travels.'),
      inflated_bytes: z.int().describe('Bytes of a body after decompression.'),
      records: z.int().describe('Records in one batch.'),
      record_bytes: z.int().describe('Bytes of one canonical record.'),
      requests_per_minute: z.int().describe('Requests under one API key.'),
      events_per_month: z.int().optional().describe('Absent: unlimited.'),
    }),
  })
  .meta({ id: 'ConfigAnswer' });

export type ConfigAnswer = z.infer<typeof configAnswerSchema>;
