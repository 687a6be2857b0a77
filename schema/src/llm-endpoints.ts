import { z } from 'zod';

/** A host name whose labels may hold one star each: one label or part of it, and as the first label one or more. */
const pattern = z
  .string()
  .regex(/^(\*|[a-z0-9-]*\*?[a-z0-9-]*)(\.([a-z0-9-]+|[a-z0-9-]*\*[a-z0-9-]*)){1,8}$/u);

const endpoint = z
  .strictObject({
    provider: z.string().regex(/^[a-z0-9_.-]{1,64}$/u),
    hosts: z.array(pattern).min(1).optional(),
    ports: z.array(z.int().min(1).max(65_535)).min(1).optional(),
  })
  .refine((one) => one.hosts !== undefined || one.ports !== undefined, {
    message: 'name hosts, or ports, or both',
  });

/** Endpoints of models, as the agent reads them: a connection to one without a valid trace is flagged. */
export const llmEndpoints = z.strictObject({
  version: z.literal(1),
  updated: z.iso.date(),
  endpoints: z.array(endpoint).min(1),
});
