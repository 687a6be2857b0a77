import { z } from 'zod';
import { COMMITTED_FIELDS } from '../committed-fields.ts';
import { hex } from '../fields/alphabets.ts';
import { MAX_DISCLOSURE_CHARACTERS } from '../read-disclosures.ts';
import { recordShape } from '../record.ts';
import { WIRE_LIMITS } from './limits.ts';

/** Shape of an envelope, for the documentation; `readEnvelope` is what decides. */
export const envelopeShape = z
  .strictObject({
    disclosures: z
      .array(
        z.strictObject({
          field: z.enum(COMMITTED_FIELDS),
          salt: hex(64),
          value: z.string().min(1).max(MAX_DISCLOSURE_CHARACTERS),
        }),
      )
      .min(1)
      .max(COMMITTED_FIELDS.length)
      .optional()
      .describe('Values behind the commitments of the record.'),
    record: recordShape.meta({
      id: 'Record',
      description:
        'Which fields stand beside which event_type is in the JSON Schema urn:vantio:record:v1.',
    }),
    record_mac: hex(64).describe('HMAC-SHA256 over the canonical record.'),
  })
  .meta({ id: 'Envelope' });

/** Shape of a JSON batch, for the documentation. The text must be canonical (RFC 8785) as a whole. */
export const ingestBodyShape = z
  .strictObject({
    events: z
      .array(envelopeShape)
      .min(1)
      // Not a `maxItems`: past it the answer is 413, the one for size, and not 422.
      .describe(`At most ${WIRE_LIMITS.records}; more is answered with 413.`),
  })
  .meta({ id: 'IngestBody' });
