import assert from 'node:assert/strict';
import { createRedactor } from '@vantio/schema/redact/create-redactor';
import { BUILT_IN_ENTITIES } from '@vantio/schema/redact/entity';
import { createVault } from '@vantio/schema/redact/replace/vault';
import { createRestorer } from '@vantio/schema/redact/restore/create-restorer';
import type { Target } from '../fuzz.ts';

const entities = BUILT_IN_ENTITIES;
const vault = createVault({ maxValues: 1_000_000 });
const token = createRedactor({ entities, replacement: { action: 'token', vault } });
const mask = createRedactor({ entities, replacement: { action: 'mask' } });
const facts = { provider: 'generic', contentType: 'application/json', maxBytes: 1 << 20 } as const;

class NotJson extends Error {}

/** JSON stays JSON, nothing is scanned twice with another outcome, and what was redacted can be put back. */
export const redaction: Target = {
  name: 'redaction',
  samples: [
    '{"content":"write to anna@example.com, +1 (415) 555-0123, GB82 WEST 1234 5698 7654 32"}',
    '{"a":[1,2.5e3,"\\u0034111 1111 1111 1111\\n",{"ssn":"123-45-6789"}],"a":"{\\"ip\\":\\"192.0.2.1\\"}"}',
    '["-----BEGIN PRIVATE KEY-----\\nab\\n-----END PRIVATE KEY-----", "https://a:b1@example.com", "2001:db8::1:2"]',
    ' "born on 12 March 1985, Hauptstraße 12, passport C01X00T47" ',
  ],
  isRefusal: (error): error is Error => error instanceof NotJson,
  judge: (text) => {
    const bytes = new TextEncoder().encode(text);
    const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    // A request without a body is none to refuse.
    if (whole === '') throw new NotJson('empty');
    const sent = token.body(bytes, facts);
    if (sent.kind === 'unscanned') {
      assert.notEqual(sent.reason, 'error');
      assert.throws(() => JSON.parse(whole.replace(/^\ufeff/, '')), 'JSON was refused');
      throw new NotJson(sent.reason);
    }
    const value: unknown = JSON.parse(whole.replace(/^\ufeff/, ''));
    const restorer = createRestorer(vault, 'application/json');
    restorer?.push(sent.bytes);
    const back: unknown = JSON.parse(new TextDecoder().decode(restorer?.end()));
    // A value with half of a pair of surrogates in it is masked for good.
    if (!/\\u[dD][89a-fA-F]/.test(whole)) assert.deepEqual(back, value);
    const once = mask.text(whole).text;
    assert.equal(mask.text(once).text, once);
  },
};
