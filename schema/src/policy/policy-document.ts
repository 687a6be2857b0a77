import { z } from 'zod';
import { kernelSection } from './kernel-section.ts';
import { redactSection } from './redact-section.ts';
import { hostPattern, namePattern, ruleFields, seconds, time } from './rule-fields.ts';
import { spendSection } from './spend-section.ts';

const HOST_RULES = 200_000;
const NAME_RULES = 10_000;

const hostRule = z.union([hostPattern(), z.strictObject({ ...ruleFields, host: hostPattern() })]);
const model = () => namePattern('a model').describe('Without regard to case.');
const modelRule = z.union([
  model(),
  z.strictObject({
    ...ruleFields,
    model: model(),
    provider: z
      .string()
      .regex(/^[a-z0-9_.-]{1,64}$/, 'must be a provider such as openai')
      .optional(),
  }),
]);
const tool = () => namePattern('a tool');
const toolRule = z.union([
  tool(),
  z.strictObject({
    ...ruleFields,
    tool: tool(),
    server: namePattern('an MCP server').optional().describe('The name it gives itself.'),
  }),
]);

const hostRules = (description: string) =>
  z.array(hostRule).max(HOST_RULES).default([]).describe(description);
const nameRules = <T extends z.ZodType>(rule: T) =>
  z
    .strictObject({
      blocked: z.array(rule).max(NAME_RULES).default([]),
      allowed: z
        .array(rule)
        .max(NAME_RULES)
        .default([])
        .describe('Once one is here, what none of them names is denied.'),
    })
    .default({ blocked: [], allowed: [] });

/** The one document that all tiers obey: schema/policy.md. Deny beats allow. */
export const policyDocumentSchema = z.strictObject({
  v: z.literal(1),
  version: z
    .int()
    .min(1)
    .describe('Goes up with every change: an emitter takes no lower one than it has seen.'),
  issued_at: time().optional(),
  expires_at: time().optional().describe('From then on the policy is stale. Absent: never.'),
  max_age: seconds(1).default(60).describe('Seconds after which to ask again.'),
  stale_if_error: seconds(0)
    .default(86_400)
    .describe('Seconds after max_age in which the policy holds though asking fails.'),
  mode: z
    .enum(['enforce', 'dry_run'])
    .default('enforce')
    .describe('dry_run: records what would have been done, and does nothing.'),
  on_unavailable: z
    .enum(['observe', 'closed'])
    .default('observe')
    .describe('For rules that do not say: whether they hold while policy cannot be had.'),
  blocked_hosts: hostRules('Hosts that no call reaches.'),
  allowed_hosts: hostRules('Once one is here, what none of them names is denied.'),
  models: nameRules(modelRule),
  tools: nameRules(toolRule),
  redact_pii: redactSection.optional(),
  spend: spendSection.optional(),
  kernel: kernelSection.optional(),
});

/** With every default filled in. */
export type PolicyDocument = z.output<typeof policyDocumentSchema>;
/** As a person writes it. */
export type PolicyInput = z.input<typeof policyDocumentSchema>;

export type HostRule = PolicyDocument['blocked_hosts'][number];
export type ModelRule = PolicyDocument['models']['blocked'][number];
export type ToolRule = PolicyDocument['tools']['blocked'][number];
export type RedactSection = NonNullable<PolicyDocument['redact_pii']>;
export type SpendSection = NonNullable<PolicyDocument['spend']>;
export type KernelSection = NonNullable<PolicyDocument['kernel']>;
