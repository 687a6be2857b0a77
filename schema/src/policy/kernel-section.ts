import { z } from 'zod';
import { readHostPattern } from './host-pattern.ts';
import { readIpAddress } from './ip-address.ts';
import { readPathPattern } from './path-pattern.ts';
import { hostPattern, port, ruleFields } from './rule-fields.ts';

const { agents: _, ...kernelRule } = ruleFields;
const RULES = 10_000;

const pathPattern = () =>
  z
    .string()
    .max(4096)
    .refine((text) => readPathPattern(text) !== undefined, {
      error:
        'must be an absolute path without . and .., such a folder and /**, or **/ and a file name',
    })
    .describe('/PATH, /FOLDER/** (all below it) or **/NAME (in any folder).');

const execRule = z.union([pathPattern(), z.strictObject({ ...kernelRule, path: pathPattern() })]);
const fileRule = z.union([
  pathPattern(),
  z.strictObject({
    ...kernelRule,
    path: pathPattern(),
    access: z
      .enum(['any', 'read', 'write'])
      .default('any')
      .describe('An open for both is of either kind.'),
  }),
]);
const netPattern = () =>
  hostPattern().refine((text) => {
    const read = readHostPattern(text);
    return read === undefined || (read.kind !== 'unix' && read.port === undefined);
  }, 'must have no port (write it in `ports`) and be no Unix socket');
const egressRule = z.union([
  netPattern(),
  z.strictObject({
    ...kernelRule,
    to: netPattern(),
    ports: z
      .array(
        z.union([
          port(),
          z.string().refine((text) => {
            const [, from, to] = /^([1-9][0-9]{0,4})-([1-9][0-9]{0,4})$/.exec(text) ?? [];
            return Number(to) <= 65_535 && Number(from) <= Number(to);
          }, 'must be a port, or a range such as "8000-8999"'),
        ]),
      )
      .min(1)
      .max(100)
      .optional()
      .describe('Absent: all. A protocol without ports matches only a rule without them.'),
    protocols: z
      .array(z.enum(['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'other']))
      .min(1)
      .optional()
      .describe('Absent: all.'),
  }),
]);

const lists = <T extends z.ZodType>(rule: T) =>
  z
    .strictObject({
      blocked: z.array(rule).max(RULES).default([]),
      allowed: z
        .array(rule)
        .max(RULES)
        .default([])
        .describe('Once one is here, what none of them names is denied.'),
    })
    .default({ blocked: [], allowed: [] });

/** What the kernel agent holds enrolled workloads to: schema/policy.md, section 6. */
export const kernelSection = z.strictObject({
  exec: lists(execRule),
  files: lists(fileRule),
  egress: lists(egressRule),
  resolvers: z
    .array(
      z
        .string()
        .refine((text) => readIpAddress(text) !== undefined, { error: 'must be an IP address' }),
    )
    .max(100)
    .default([])
    .describe('Where port 53 may be reached. Once one is here, port 53 elsewhere is denied.'),
  private_networks: z
    .enum(['deny', 'allow'])
    .default('deny')
    .describe('RFC 1918, fc00::/7 and link-local, unless a rule names the host or range.'),
  metadata_address: z
    .enum(['deny', 'allow'])
    .default('deny')
    .describe('Where clouds hand out credentials, unless a rule names that very address or host.'),
  on_unavailable: ruleFields.on_unavailable,
});
