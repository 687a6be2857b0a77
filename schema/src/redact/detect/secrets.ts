import type { BuiltInEntity } from '../entity.ts';
import { add, type View } from '../view.ts';

/** How keys begin that say whose they are; each ends where its alphabet does. */
const SHAPES: readonly (readonly [prefixes: string, entity: BuiltInEntity, shape: string])[] = [
  ['eyJ', 'jwt', 'eyJ[\\w-]{8,8192}\\.[\\w-]{8,16384}\\.[\\w-]{0,4096}'],
  ['sk-ant', 'anthropic_key', 'sk-ant-[\\w-]{16,256}'],
  [
    'sk-',
    'openai_key',
    'sk-(?!lf-|or-)(?:proj-|svcacct-|admin-|None-)?(?=[\\w-]*\\d)[\\w-]{20,256}',
  ],
  ['sess-', 'openai_key', 'sess-[A-Za-z0-9]{40}'],
  [
    'AKIA ASIA ABIA ACCA A3T',
    'aws_key',
    '(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])',
  ],
  ['AIza', 'gcp_key', 'AIza[\\w-]{35}'],
  ['ya29.', 'gcp_key', 'ya29\\.[\\w-]{20,2048}'],
  ['GOCSPX-', 'gcp_key', 'GOCSPX-[\\w-]{28}'],
  ['gh', 'github_token', 'gh[pousr]_[A-Za-z0-9]{36,255}'],
  ['github_pat_', 'github_token', 'github_pat_\\w{22,255}'],
  ['xox', 'slack_token', 'xox[abeoprs](?:-\\d)?-[\\w-]{10,256}'],
  ['xoxe', 'slack_token', 'xoxe\\.xox[bp]-[\\w-]{10,512}'],
  ['xapp-', 'slack_token', 'xapp-\\d-[\\w-]{10,256}'],
  ['sk_ rk_ pk_', 'stripe_key', '[srp]k_(?:live|test)_[A-Za-z0-9]{10,256}'],
  ['whsec_', 'stripe_key', 'whsec_[A-Za-z0-9+/=]{16,256}'],
  ['glpat-', 'api_key', 'glpat-[\\w-]{20,64}'],
  ['npm_', 'api_key', 'npm_[A-Za-z0-9]{36}'],
  ['hf_', 'api_key', 'hf_[A-Za-z0-9]{30,64}'],
  ['SG.', 'api_key', 'SG\\.[\\w-]{16,32}\\.[\\w-]{32,64}'],
  ['gsk_', 'api_key', 'gsk_[A-Za-z0-9]{40,64}'],
  ['r8_', 'api_key', 'r8_[A-Za-z0-9]{30,48}'],
  ['pplx-', 'api_key', 'pplx-[A-Za-z0-9]{40,64}'],
  ['xai-', 'api_key', 'xai-[A-Za-z0-9]{60,100}'],
  ['tvly-', 'api_key', 'tvly-[\\w-]{20,64}'],
  ['lsv2_', 'api_key', 'lsv2_(?:pt|sk)_[\\w-]{32,80}'],
  ['sk-lf- pk-lf-', 'api_key', '[sp]k-lf-[0-9a-f-]{36}'],
  ['sk-or-', 'api_key', 'sk-or-[\\w-]{32,128}'],
  ['dop_v1_ doo_v1_', 'api_key', 'do[oprt]_v1_[0-9a-f]{64}'],
  ['dapi', 'api_key', 'dapi[0-9a-f]{32}'],
  ['pypi-', 'api_key', 'pypi-[\\w-]{50,512}'],
  ['lin_api_', 'api_key', 'lin_api_[A-Za-z0-9]{32,64}'],
  ['ntn_', 'api_key', 'ntn_[A-Za-z0-9]{40,64}'],
  ['shpat_ shpss_ shpca_ shppa_', 'api_key', 'shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}'],
  ['hvs. hvb.', 'api_key', 'hv[sb]\\.[\\w-]{20,256}'],
  ['glsa_', 'api_key', 'glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}'],
  ['PMAK-', 'api_key', 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}'],
  ['NRAK-', 'api_key', 'NRAK-[A-Z0-9]{27}'],
  ['sbp_', 'api_key', 'sbp_[0-9a-f]{40}'],
  ['sntrys_ sntryu_', 'api_key', 'sntry[su]_[\\w+/=-]{40,256}'],
  ['sq0atp- sq0csp-', 'api_key', 'sq0(?:atp|csp)-[\\w-]{22,64}'],
  ['key-', 'api_key', 'key-[0-9a-f]{32}'],
  ['SK', 'api_key', 'SK[0-9a-f]{32}'],
  ['dp.', 'api_key', 'dp\\.(?:pt|st|ct|sa)\\.[A-Za-z0-9]{40,64}'],
  ['vk1.', 'api_key', 'vk1\\.[a-z0-9_-]{1,63}\\.[0-9a-f]{16}\\.[\\w.-]{100,320}'],
];

type Shape = { readonly entity: BuiltInEntity; readonly pattern: RegExp; readonly prefix: string };

const pairOf = (first: number, second: number): number => (first << 7) | second;
// A list for each pair of first characters: most words are done with after one look.
const LISTS: Shape[][] = [[]];
const LIST_OF = new Uint8Array(1 << 14);
for (const [prefixes, entity, shape] of SHAPES) {
  const pattern = new RegExp(`${shape}(?![\\w-])`, 'y');
  for (const prefix of prefixes.split(' ')) {
    const pair = pairOf(prefix.charCodeAt(0), prefix.charCodeAt(1));
    LIST_OF[pair] ||= LISTS.push([]) - 1;
    LISTS[LIST_OF[pair] ?? 0]?.push({ entity, pattern, prefix });
  }
}

/** Whether keys begin with these two characters. */
export function beginsSecret(first: number, second: number): boolean {
  return second < 128 && LIST_OF[pairOf(first, second)] !== 0;
}

/** A key that starts with two characters that `beginsSecret`; @returns its end, or -1. */
export function secretEnd(view: View, start: number): number {
  const { text } = view;
  const pair = pairOf(text.charCodeAt(start), text.charCodeAt(start + 1));
  for (const { entity, pattern, prefix } of LISTS[LIST_OF[pair] ?? 0] ?? []) {
    if (!text.startsWith(prefix, start)) continue;
    pattern.lastIndex = start;
    if (pattern.test(text)) return add(view, entity, start, pattern.lastIndex);
  }
  return -1;
}
