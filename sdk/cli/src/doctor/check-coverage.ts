import { type Check, check } from './check.ts';
import { type Capability, OBSERVED_CHANNELS, probeChannels } from './probe-channels.ts';

const FIXES: Readonly<Partial<Record<Capability, string>>> = {
  'fetch: bytes sent': 'run on a newer Node',
  'fetch: bytes received': 'run on a newer Node',
  'http and https: request before it starts': 'run on Node 22 or newer',
  'http2: stream': 'run on Node 22 or newer',
  'child_process: before it starts': 'pass childEnv() to children, or run with --trace-children',
};

/** What no version of Node shows to a library that replaces no function. */
const NOT_OBSERVABLE: readonly (readonly [name: string, fix: string])[] = [
  ['a Worker made with an empty env', 'give it env: process.env, or leave env out'],
  [
    'a child whose env drops VANTIO_TRACE_ID',
    'pass childEnv() as its env, or run with --trace-children',
  ],
  ['a Node.js child whose env drops NODE_OPTIONS', 'leave it in: childEnv() does'],
  ['native addons and process.binding', 'none in this process: only the kernel sees their traffic'],
  ['UDP and QUIC payloads', 'none in this process: only the kernel sees their traffic'],
];

/** What is live in this runtime and what is not observable in it. */
export async function checkCoverage(): Promise<readonly Check[]> {
  const heard = await probeChannels();
  const capabilities = Object.keys(OBSERVED_CHANNELS) as Capability[];
  return [
    ...capabilities.map((capability) =>
      heard.has(capability)
        ? check(capability, 'ok', `live (${OBSERVED_CHANNELS[capability]})`)
        : check(
            capability,
            'absent',
            'not observable on this Node by a channel',
            FIXES[capability],
          ),
    ),
    ...(process.env.VANTIO_TRACE_CHILDREN === '1'
      ? [check('VANTIO_TRACE_CHILDREN', 'warn', 'the functions of node:child_process are replaced')]
      : []),
    ...NOT_OBSERVABLE.map(([name, fix]) => check(name, 'absent', 'not observable', fix)),
  ];
}
