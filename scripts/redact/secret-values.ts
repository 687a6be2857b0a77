import type { Entity } from '@vantio/schema/redact/entity';
import type { Random } from '../../functions/src/testing/seeded-random.ts';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const ALNUM = UPPER + LOWER + DIGITS;
const HEX = '0123456789abcdef';

/** Keys as their issuers shape them, of random characters. */
export function secretMakers(random: Random): Readonly<Partial<Record<Entity, () => string>>> {
  const some = (from: string, count: number): string =>
    Array.from({ length: count }, () => from[random.below(from.length)]).join('');
  const base64 = (text: string): string => Buffer.from(text).toString('base64url');
  return {
    anthropic_key: () => `sk-ant-api03-${some(`${ALNUM}_-`, 92)}X`,
    openai_key: () =>
      random.pick([
        `sk-proj-${some(ALNUM, 48)}`,
        `sk-${some(ALNUM, 20)}T3BlbkFJ${some(ALNUM, 20)}`,
        `sk-svcacct-${some(ALNUM, 60)}`,
      ]),
    aws_key: () => random.pick(['AKIA', 'ASIA']) + some(`${UPPER}234567`, 16),
    gcp_key: () =>
      random.pick([
        `AIza${some(`${ALNUM}_`, 35)}`,
        `GOCSPX-${some(ALNUM, 28)}`,
        `ya29.${some(ALNUM, 60)}`,
      ]),
    github_token: () =>
      random.pick([
        `gh${random.pick(['p', 'o', 'u', 's', 'r'])}_${some(ALNUM, 36)}`,
        `github_pat_${some(ALNUM, 22)}_${some(ALNUM, 59)}`,
      ]),
    slack_token: () =>
      random.pick([
        `xoxb-${some(DIGITS, 12)}-${some(DIGITS, 12)}-${some(ALNUM, 24)}`,
        `xapp-1-A${some(ALNUM, 10)}-${some(DIGITS, 13)}-${some(HEX, 64)}`,
      ]),
    stripe_key: () =>
      random.pick([
        `sk_test_${some(ALNUM, 24)}`,
        `rk_live_${some(ALNUM, 24)}`,
        `whsec_${some(ALNUM, 32)}`,
      ]),
    jwt: () =>
      `${base64(`{"alg":"HS256","kid":"${some(DIGITS, 3)}"}`)}.${base64(`{"sub":"${some(DIGITS, 10)}","name":"Test"}`)}.${some(`${ALNUM}_-`, 43)}`,
    private_key: () =>
      `-----BEGIN ${random.pick(['RSA ', 'EC ', '', 'OPENSSH '])}PRIVATE KEY-----\n${some(ALNUM, 64)}\n${some(ALNUM, 30)}==\n-----END PRIVATE KEY-----`,
    url_credentials: () => `${random.pick(['admin', 'svc-user', 'reader'])}:${some(ALNUM, 12)}`,
    api_key: () =>
      random.pick([
        some(HEX, 32),
        `${some(ALNUM, 31)}7`,
        `glpat-${some(ALNUM, 20)}`,
        `hf_${some(ALNUM, 34)}`,
      ]),
    azure_key: () => `${some(`${ALNUM}+/`, 80)}${some(DIGITS, 4)}ab==`,
  };
}
