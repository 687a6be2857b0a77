import type { ENTITIES } from '../fields/verdict.ts';

/** What redaction finds and records count. */
export type Entity = (typeof ENTITIES)[number];

/** Entities that redaction itself knows: all but the policy's own patterns. */
export type BuiltInEntity = Exclude<Entity, 'custom'>;

/** Number of values replaced, by entity; as the record's `redactions`. */
export type Counts = Partial<Record<Entity, number>>;

// The list in fields/verdict.ts is one of zod's file, which the SDK must not load; a test holds the two together.
const NAMES: Record<BuiltInEntity, true> = {
  anthropic_key: true,
  api_key: true,
  aws_key: true,
  azure_key: true,
  date_of_birth: true,
  de_tax_id: true,
  email: true,
  es_dni: true,
  es_nie: true,
  eu_national_id: true,
  fr_nir: true,
  gcp_key: true,
  github_token: true,
  iban: true,
  ipv4: true,
  ipv6: true,
  it_codice_fiscale: true,
  jwt: true,
  mac_address: true,
  nl_bsn: true,
  openai_key: true,
  passport: true,
  payment_card: true,
  phone: true,
  pl_pesel: true,
  private_key: true,
  slack_token: true,
  street_address: true,
  stripe_key: true,
  uk_nino: true,
  url_credentials: true,
  us_itin: true,
  us_ssn: true,
};

export const BUILT_IN_ENTITIES = Object.keys(NAMES) as readonly BuiltInEntity[];
