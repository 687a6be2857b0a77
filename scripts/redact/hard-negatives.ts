import type { Random } from '../../functions/src/testing/seeded-random.ts';

/** Texts without anything personal that look as if: each was taken for something by some redactor. */
export const HARD_NEGATIVES: readonly string[] = [
  '{"model":"gpt-4o-2024-08-06","max_tokens":40960,"temperature":0.7,"seed":1234567890}',
  '{"name":"get_weather","parameters":{"type":"object","properties":{"zip":{"type":"string","pattern":"^\\\\d{5}$"}}}}',
  'claude-sonnet-4-5-20250929 and gemini-2.5-pro-preview-05-06 and o3-mini-2025-01-31',
  'text-embedding-3-large has 3072 dimensions; ada-002 has 1536',
  'for (let i = 0; i < 1000000; i++) total += values[i] * 2.5e-10;',
  'const EPSILON = 2.220446049250313e-16; const MAX = 9007199254740991;',
  'std::vector<std::pair<int, a::b>> v; v.push_back({1, 2}); x::y(z);',
  'data[::2], data[1:3], data[::-1], np.zeros((3, 4, 5))',
  'import { a } from "pkg@1.2.3"; npm i lodash@4.17.21 @types/node@24.19.2',
  'icon@2x.png logo@3x.webp background@1x.jpg',
  'git clone git@github.com:owner/repository.git && git checkout v1.2.3.4',
  'commit 9fceb02d0ae598e95dc970b74767f19372d61af8\nAuthor: none',
  'index 83db48f..bf269f4 100644\n@@ -1,7 +1,6 @@ -12,34 +56,78 @@',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'The meeting is from 10:30 to 11:45 on 2024-05-06, room 12-345.',
  'Released on 03/04/2021, updated 12.11.2023, deprecated 2025-01-31.',
  'Chapter 3, section 4.2.1, page 128, figure 12, table 7.',
  'ISBN 978-3-16-148410-0 and ISBN-10 0-306-40615-2, ISSN 2049-3630',
  'doi:10.1038/s41586-020-2649-2, arXiv:1706.03762v5, PMID 12345678',
  'RFC 2119, RFC 8259, ISO 8601, IEEE 754-2008, UTF-8',
  'Order 4006381333931 shipped; tracking number 00340434161094022115',
  'Invoice number 2024-000123-45, total $1,234,567.89 (net 1,037,452.01)',
  'order id 123456782, ticket #87654321, case 10004567',
  'EAN 4006381333931, SKU 000-123-456, part no. 12-3456-7890',
  'GET /v1/users/1234567890/orders/9876543210?limit=100&offset=2000 200 1534',
  '192 requests, 168 passed, 1 failed, 1 skipped in 12.345s',
  'Chrome/120.0.6099.109 Safari/537.36 version 10.0.19045.3803',
  'v1.2.3.4 build 7601.17514.101119.1850 firmware 2.0.0.15',
  'matrix: 1.0 0.5 0.25 0.125 / 2 4 8 16 32 64 128 256 512 1024',
  'M 10 20 L 30 40 C 50 60 70 80 90 100 Z fill="#ff00ff" stroke="#123456"',
  'lat 52.520008, lon 13.404954 (52°31\u203212\u2033N)',
  'population 331002651, area 9833520 km2, GDP 21427700000000',
  'epoch 1715000000, in ms 1715000000000, in us 1715000000000000',
  'Scores: 21-15, 18-21, 21-19. Season 2019-2020, 1999-2005.',
  'Widths 100x200x300, ratio 16:9, 4:3, 1:1, chess 1-0, 0-1',
  'docker run -p 8080:80 -e PORT=3000 node:20.12.0-alpine3.19',
  'kube-system/coredns-5d78c9869d-7xk2p 1/1 Running 0 12d 10m',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
  'The token count is 128000 and the context window 200000 tokens.',
  'password policy: at least 12 characters; secret santa is on Friday',
  'call 12 times, then call the function 3 more times in 2024',
  'He was born in Berlin and moved to Paris in 1999.',
  'passport control opens at 6:00, gate B12, flight LH1234 on 12 May',
  'Apollo 11 landed on July 20, 1969; the first issue was March 5, 1990.',
  'Die Sitzung beginnt um 14.30 Uhr, Raum 2.015, am 3. Mai 2024.',
  'Le chiffre est 12 345 678,90 € pour 2 500 000 habitants.',
  'Von 1.234.567 auf 2.345.678 gestiegen, +12,5 %.',
  'SELECT id, count(*) FROM t WHERE id IN (1001, 1002, 1003) LIMIT 50;',
  '{"id":"chatcmpl-9aBcDeFgHiJkLmNoPqRsTuVwXyZ12","object":"chat.completion","created":1715000000}',
  '{"tool_call_id":"call_abc123DEF456ghi789JKL012","index":0}',
  '{"type":"thinking","signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds"}',
  'msg_01XFDUDYJgAACzvnptvVoYEL toolu_01A09q90qw90lq917835lq9 req_011CSHoEeqs5C35K2UUqR7Fy',
  'HTTP/1.1 429 Too Many Requests\\nretry-after: 20\\nx-ratelimit-remaining: 0',
  'if (status >= 500 && status <= 599) retry(3, 1000);',
  'SPDX-License-Identifier: Apache-2.0; Copyright 2019-2025',
  '[INFO] 12:34:56.789 worker-3 pid=12345 tid=140234567890 took 12ms',
  'CVE-2024-3094, CWE-79, GHSA-rxmq-m78w-7wmc',
  'Add 2 cups flour, 1 tsp salt, bake 45 min at 180 C (350 F).',
  'Fibonacci: 1 1 2 3 5 8 13 21 34 55 89 144 233 377 610 987',
  'pi = 3.14159265358979323846, e = 2.71828182845904523536',
  'Speed 12.5 m/s, 100-200 km/h, 1:10000 scale, 24/7 support, 50/50',
  'my score was 100 of 120 and the 3rd place of 45 teams on day 2',
];

const HEX = '0123456789abcdef';
const DIGITS = '0123456789';

type Make = (random: Random, some: (from: string, count: number) => string) => string;

const SHAPES: readonly Make[] = [
  (_, some) =>
    `request ${some(HEX, 8)}-${some(HEX, 4)}-4${some(HEX, 3)}-a${some(HEX, 3)}-${some(HEX, 12)} done`,
  (_, some) => `sha1 ${some(HEX, 40)} of the file`,
  (_, some) => `etag "${some(HEX, 32)}"`,
  (random, some) =>
    `order ${random.pick(['#', 'number ', 'no. ', 'id: '])}${some(DIGITS, 6 + random.below(7))} is on its way`,
  (random) =>
    `${2000 + random.below(30)}-0${1 + random.below(9)}-1${random.below(10)}T0${random.below(10)}:${10 + random.below(50)}:${10 + random.below(50)}.${100 + random.below(900)}Z started`,
  (random) =>
    `upgrade to ${random.below(30)}.${random.below(20)}.${random.below(400)}.${random.below(9999)}`,
  (random, some) =>
    `pkg-${random.below(9)}.${random.below(30)}.${random.below(9)}-beta.${random.below(9)}+${some(HEX, 7)}`,
  (random, some) =>
    `total ${some('123456789', 1)}${some(DIGITS, 2)},${some(DIGITS, 3)}.${some(DIGITS, 2)} ${random.pick(['EUR', 'USD', 'PLN'])}`,
  (_, some) => `blob ${Buffer.from(some('abcdefghij klmnop', 60)).toString('base64')}`,
  (random, some) =>
    `{"id":"call_${some(`${HEX}XYZ`, 24)}","index":${random.below(9)},"created":17${some(DIGITS, 8)}}`,
  (random, some) =>
    `GET /api/v${random.below(4)}/items/${some(DIGITS, 8)}/parts/${some(HEX, 6)} 200 ${random.below(9000)}`,
  (random) =>
    `x = ${(random.next() * 1000).toFixed(6)}, y = ${(random.next() * 1000).toFixed(6)}, n = ${random.below(100_000)}`,
  (random, some) =>
    `${random.pick(['gpt-4.1', 'claude-opus-4', 'mistral-large', 'llama-3.3'])}-20${20 + random.below(9)}${random.pick(['0806', '1022', '0514'])} used ${some(DIGITS, 5)} tokens`,
  (random, some) => `tracking number ${some(DIGITS, 12 + random.below(10))}`,
  (random) =>
    `rows ${random.below(999)} ${random.below(999)} ${random.below(999)} ${random.below(999)}`,
  (random, some) =>
    `ticket ${random.pick(['JIRA', 'ABC', 'OPS'])}-${some(DIGITS, 4)} rev ${some(HEX, 8)}`,
];

export function madeNegatives(random: Random, count: number): string[] {
  const some = (from: string, length: number): string =>
    Array.from({ length }, () => from[random.below(from.length)]).join('');
  return Array.from({ length: count }, (_, at) =>
    (SHAPES[at % SHAPES.length] as Make)(random, some),
  );
}
