import type { PolicyDocument } from '@vantio/schema/policy/policy-document';

/** A policy as an emitter gets it. */
export type ServedPolicy = {
  /** Canonical text: schema/policy.md, section 7. */
  readonly envelope: string;
  readonly sha256: string;
  readonly version: number;
  readonly mode: PolicyDocument['mode'];
  readonly signerId?: string;
};

/**
 * The policy in force for a tenant; undefined: none.
 * @throws when it cannot be told. Then nothing is answered: "no policy" would be taken for an answer.
 */
export type PolicyOf = (
  tenantId: string,
) => ServedPolicy | undefined | Promise<ServedPolicy | undefined>;
