import { hkdfSync, randomBytes } from 'node:crypto';
import type { Redaction } from '@vantio/schema/policy/compile-policy';
import type { BodyFacts } from '@vantio/schema/redact/body/body-facts';
import type { BodyResult } from '@vantio/schema/redact/body/body-result';
import type { Redactor } from '@vantio/schema/redact/redactor';
import type { Vault } from '@vantio/schema/redact/replace/vault';
import type { Restorer } from '@vantio/schema/redact/restore/restorer';
import type { CustomPattern, Replacement } from '@vantio/schema/redact/settings';
import { currentSpan } from '../../context/current-span.ts';
import { debug } from '../../context/debug.ts';
import { env } from '../../context/main-realm.ts';
import { processTrace } from '../../context/process-trace.ts';
import type { Trace } from '../../context/span.ts';
import { patternEngine, redactEngine } from '../engines.ts';
import { CODECS } from './codecs.ts';
import { MAX_BODY } from './max-body.ts';

export type Redacting = {
  body(bytes: Uint8Array, facts: Omit<BodyFacts, 'codecs' | 'maxBytes'>): BodyResult;
  /** Whether an answer may hold tokens that stand for values. */
  restores(): boolean;
  restorer(contentType: string | undefined): Restorer | undefined;
};

const redactors = new WeakMap<Redaction, Redactor>();
const tokenRedactors = new WeakMap<Redaction, WeakMap<Vault, Redactor>>();
const vaults = new WeakMap<Trace, Vault>();

/** What redacts for the current trace under a policy's section. @throws when the engine cannot be loaded. */
export function redactingFor(section: Redaction): Redacting {
  const engine = redactEngine();
  const vault = section.action === 'token' ? currentVault() : undefined;
  const redactor = vault ? tokenRedactor(section, vault) : plainRedactor(section);
  return {
    body: (bytes, facts) => redactor.body(bytes, { ...facts, codecs: CODECS, maxBytes: MAX_BODY }),
    restores: () => vault !== undefined && !vault.isEmpty(),
    restorer: (contentType) => vault && engine.createRestorer(vault, contentType),
  };
}

function plainRedactor(section: Redaction): Redactor {
  let redactor = redactors.get(section);
  if (!redactor) {
    const replacement: Replacement =
      section.action === 'hash' ? { action: 'hash', key: hashKey() } : { action: 'mask' };
    redactor = make(section, replacement);
    redactors.set(section, redactor);
  }
  return redactor;
}

function tokenRedactor(section: Redaction, vault: Vault): Redactor {
  let byVault = tokenRedactors.get(section);
  if (!byVault) {
    byVault = new WeakMap();
    tokenRedactors.set(section, byVault);
  }
  let redactor = byVault.get(vault);
  if (!redactor) {
    redactor = make(section, { action: 'token', vault });
    byVault.set(vault, redactor);
  }
  return redactor;
}

const compiled = new WeakMap<Redaction, readonly CustomPattern[]>();

function patternsOf(section: Redaction): readonly CustomPattern[] {
  if (section.custom.length === 0) return [];
  let patterns = compiled.get(section);
  if (!patterns) {
    const { compileCustomPattern } = patternEngine();
    patterns = section.custom.map(({ pattern }) => compileCustomPattern(pattern));
    compiled.set(section, patterns);
  }
  return patterns;
}

function make(section: Redaction, replacement: Replacement): Redactor {
  const customPatterns = patternsOf(section);
  const entities =
    customPatterns.length === 0 ? section.entities : [...section.entities, 'custom' as const];
  return redactEngine().createRedactor({ entities, replacement, customPatterns });
}

/** A value has one token in a whole trace, so that an agent can speak of it; outside any trace, in one call. */
function currentVault(): Vault {
  const trace = currentSpan()?.trace ?? processTrace;
  const known = trace && vaults.get(trace);
  if (known) return known;
  const vault = redactEngine().createVault();
  if (trace) vaults.set(trace, vault);
  return vault;
}

let key: Uint8Array | undefined;

/** The same in all processes of one API key, so that hashes can be compared; a secret all the same. */
function hashKey(): Uint8Array {
  if (key) return key;
  const secret = env.VANTIO_API_KEY;
  if (!secret) debug('hashes of redaction are comparable in this process only: there is no key');
  key = secret
    ? new Uint8Array(hkdfSync('sha256', secret, '', 'vantio/redact/hash/v1', 32))
    : randomBytes(32);
  return key;
}
