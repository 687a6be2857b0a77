import { z } from 'zod';
import { ACTIONS } from './actions.ts';
import { REQUIRED_FIELDS } from './common-fields.ts';
import { detailFields } from './detail-fields.ts';
import { EVENT_TYPE_NAMES } from './event-types.ts';
import { ruleFault } from './rules.ts';

const fields = {
  ...detailFields,
  event_type: z
    .enum(EVENT_TYPE_NAMES)
    .describe('What happened; decides which detail fields may stand beside it.'),
  action_taken: z.enum(ACTIONS).describe('What was done about it.'),
};

const optional = Object.fromEntries(
  Object.entries(fields).map(([name, type]) => [
    name,
    (REQUIRED_FIELDS as readonly string[]).includes(name) ? type : type.optional(),
  ]),
) as Pick<typeof fields, (typeof REQUIRED_FIELDS)[number]> & {
  [K in Exclude<keyof typeof fields, (typeof REQUIRED_FIELDS)[number]>]: z.ZodOptional<
    (typeof fields)[K]
  >;
};

/** The shape alone; `recordSchema` adds the rules that join fields. */
export const recordShape = z.strictObject(optional);

/** The record, version 1: the single source of its types, of its JSON Schema and of its fast validator. */
export const recordSchema = recordShape.superRefine((record, context) => {
  const fault = ruleFault(record);
  if (fault) context.addIssue({ code: 'custom', path: [fault.field], message: fault.message });
});

export type AuditRecord = z.infer<typeof recordShape>;
