import fc from 'fast-check';
import type { BodyFacts } from './body/body-facts.ts';
import { createRedactor } from './create-redactor.ts';
import { BUILT_IN_ENTITIES } from './entity.ts';
import type { Redactor } from './redactor.ts';
import type { CustomPattern, Replacement } from './settings.ts';

// For tests alone.

/** Values that are found wherever they stand, of reserved ranges or test numbers. */
export const VALUES = [
  'anna@example.com',
  '4111 1111 1111 1111',
  'GB82 WEST 1234 5698 7654 32',
  '123-45-6789',
  '192.0.2.17',
  '+1 (415) 555-0123',
  '2001:db8::8a2e:370:7334',
] as const;

const piece = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      '1',
      '2',
      '-',
      ' ',
      '.',
      '@',
      ':',
      'a',
      'F',
      '+',
      '(',
      ')',
      '\n',
      '"',
      '\\',
      '[',
      ']',
      'é',
      '\ud83d',
    ),
    maxLength: 30,
  }),
  fc.constantFrom('[EMAIL]', 'passport ', 'born ', 'call ', '{"a":1}', '[EMAIL_abcdefghijkl]'),
);

/** Texts with values in them and around them. */
export const someText = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' '));

export function redactorOf(
  replacement: Replacement,
  customPatterns: readonly CustomPattern[] = [],
): Redactor {
  return createRedactor({
    entities: [...BUILT_IN_ENTITIES, 'custom'],
    replacement,
    customPatterns,
  });
}

export const JSON_FACTS: BodyFacts = {
  provider: 'openai',
  contentType: 'application/json',
  maxBytes: 1 << 20,
};
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
