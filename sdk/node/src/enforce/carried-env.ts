import { type ChildEnvironment, childEnv } from '../context/child-env.ts';
import { env } from '../context/main-realm.ts';
import { readPolicySource } from './config.ts';

declare const __dirname: string;

/**
 * An environment for a child or a worker that is held to the same policy: its own, the trace, the preload, and what of ours it
 * leaves out. So a program cannot shed policy by starting another with a bare environment.
 */
export function carriedEnv(base: Readonly<ChildEnvironment>): ChildEnvironment {
  const carried: ChildEnvironment = childEnv(base);
  for (const name of Object.keys(env))
    if (/^(VANTIO_|SOVEREIGN_MODE$)/.test(name) && !(name in carried)) carried[name] = env[name];
  const source = readPolicySource();
  if (source?.kind === 'file') carried.VANTIO_POLICY_FILE = source.path;
  else if (source) carried.VANTIO_CLOUD_INGEST = 'true';
  carried.NODE_OPTIONS = withPreload(base.NODE_OPTIONS);
  return carried;
}

const PRELOAD = /register\.(cjs|mjs)/;

function withPreload(options: string | undefined): string {
  const before = options?.trim() ?? '';
  if (PRELOAD.test(before)) return before;
  const inherited = env.NODE_OPTIONS?.trim() ?? '';
  const own = PRELOAD.test(inherited)
    ? inherited.split(/\s+(?=--)/).filter((option) => PRELOAD.test(option))
    : [`--require=${quote(`${__dirname}/register.cjs`)}`];
  return [before, ...own].filter((part) => part !== '').join(' ');
}

/** Node's documentation, "NODE_OPTIONS": in quotes a value may hold spaces, and a backslash escapes. */
const quote = (value: string): string =>
  /[\s"\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
