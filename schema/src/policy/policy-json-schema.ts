import { z } from 'zod';
import { policyDocumentSchema } from './policy-document.ts';

/**
 * JSON Schema 2020-12 of a policy as a person writes it, for editors. It cannot say all that `parsePolicy` does: whether a host is one,
 * whether a day is one.
 */
export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...shape } = z.toJSONSchema(policyDocumentSchema, { io: 'input' });
  return { $schema, $id: 'urn:vantio:policy:v1', title: 'Vantio policy, version 1', ...shape };
}
