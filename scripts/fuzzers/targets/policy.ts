import assert from 'node:assert/strict';
import { compileKernel } from '@vantio/schema/policy/compile-kernel';
import { compilePolicy } from '@vantio/schema/policy/compile-policy';
import { hostForm } from '@vantio/schema/policy/host-form';
import { ipText } from '@vantio/schema/policy/ip-address';
import { parsePolicy } from '@vantio/schema/policy/parse-policy';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { readEnvelope, wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { FULL_POLICY, HOST_CASES, RAW_HOSTS } from '@vantio/schema/policy/vector-cases';
import type { Target } from '../fuzz.ts';

/** Its path goes into answers and logs, so it names members and no more. */
const isPolicyError = (error: unknown): error is PolicyError =>
  error instanceof PolicyError && /^[A-Za-z0-9_.?[\]-]{0,200}$/.test(error.path);

/** What is accepted compiles, decides, and is its own reading: with its defaults filled in it is the same policy. */
export const policy: Target = {
  name: 'policy',
  samples: [
    JSON.stringify(FULL_POLICY),
    ...HOST_CASES.map((each) => JSON.stringify({ v: 1, version: 1, ...each.policy })),
  ],
  isRefusal: isPolicyError,
  judge: (text) => {
    const read = parsePolicy(text);
    assert.deepEqual(parsePolicy(JSON.stringify(read)), read);
    for (const unavailable of [false, true]) {
      const compiled = compilePolicy(read, { unavailable });
      compiled.decideHost({ host: 'evil.example', port: 443, addresses: ['10.0.0.1'] });
      compiled.decideModel({ model: 'gpt-5' });
      compiled.decideTool({ tool: 'read' });
      compileKernel(read, { unavailable }).decideEgress({ address: '10.0.0.1', protocol: 'tcp' });
    }
  },
};

const envelopes = [wrapPolicy(FULL_POLICY, 'acme'), wrapPolicy({ v: 1, version: 1 }, 'acme')];

/** An envelope that is accepted is made again from its parts, byte for byte. */
export const policyEnvelope: Target = {
  name: 'policy-envelope',
  samples: envelopes,
  isRefusal: isPolicyError,
  judge: (text) => {
    const { canonical, tenantId, signed } = readEnvelope(text);
    if (signed === undefined) assert.equal(wrapPolicy(JSON.parse(canonical), tenantId), text);
  },
};

/** A form is its own form, and two spellings of a host that is blocked are both blocked. */
export const hostForms: Target = {
  name: 'host-form',
  samples: RAW_HOSTS.filter((raw) => hostForm(raw) !== undefined),
  isRefusal: (error): error is Error => error instanceof RangeError,
  judge: (raw) => {
    const form = hostForm(raw);
    if (form === undefined) throw new RangeError('no host');
    const text = form.kind === 'name' ? form.name : ipText(form.address);
    assert.deepEqual(hostForm(text), form);
    const rule = { v: 1, version: 1, blocked_hosts: [text] };
    const compiled = compilePolicy(parsePolicy(JSON.stringify(rule)));
    assert.equal(compiled.decideHost({ host: raw }).verdict, 'block');
  },
};
