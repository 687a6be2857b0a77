import { z } from 'zod';
import { readHostPattern } from './host-pattern.ts';

/** Members that rules of every kind have. Messages follow the member's path: they say what to write. */
export const ruleFields = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, colons, _ and -')
    .optional()
    .describe(
      'Stands in records as rule_id. Absent: the place of the rule, such as blocked_hosts.0.',
    ),
  reason: z
    .string()
    .regex(/^[^\p{Cc}\p{Cs}]{1,300}$/u, 'must be one line of 1 to 300 characters')
    .optional()
    .describe('Told to the agent that is refused, and to a model: what to do instead.'),
  agents: z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(1000)
    .optional()
    .describe('Names of the shields it holds for. Absent: all, and calls outside of any.'),
  on_unavailable: z
    .enum(['observe', 'closed'])
    .optional()
    .describe('Whether the rule still holds, as last known, while policy cannot be had.'),
};

export type RuleFields = {
  readonly id?: string | undefined;
  readonly reason?: string | undefined;
  readonly agents?: readonly string[] | undefined;
  readonly on_unavailable?: OnUnavailable | undefined;
};
export type OnUnavailable = 'observe' | 'closed';

export const hostPattern = () =>
  z
    .string()
    .max(300)
    .refine((text) => readHostPattern(text) !== undefined, {
      error:
        'must be a host name, *.suffix, *, an IP address, a range such as 10.0.0.0/8 without host bits, each with :PORT if wished, or unix:/path',
    })
    .describe('NAME, *.SUFFIX, *, ADDRESS or RANGE/BITS, with :PORT if wished; or unix:/PATH.');

/** A name with `*` for any run of characters. */
export const namePattern = (what: string) =>
  z
    .string()
    .regex(
      /^[^\p{Cc}\p{Cs}]{1,128}$/u,
      `must be ${what} of 1 to 128 characters; * stands for any run`,
    );

export const port = () => z.int().min(1).max(65_535);

/** Seconds; the bound is a year. */
export const seconds = (least: number) => z.int().min(least).max(31_536_000);

/** RFC 3339 in UTC. */
export const time = () =>
  z
    .string()
    .regex(
      /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$/,
      'must be a time such as 2027-01-31T00:00:00Z',
    )
    .refine((text) => isDay(text.slice(0, 10)), { error: 'names no day of the calendar' });

const isDay = (day: string): boolean => {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
};

export const microUsd = () => z.int().min(0);
