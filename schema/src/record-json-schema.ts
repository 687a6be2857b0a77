import { z } from 'zod';
import { EVENT_TYPES } from './event-types.ts';
import { recordShape } from './record.ts';
import { SHAPE_BY_TYPE } from './shapes.ts';

export type JsonSchema = {
  readonly [keyword: string]: unknown;
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly required: readonly string[];
};

export type PropertySchema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PropertySchema>>;
};

/** JSON Schema 2020-12 of the record: the shape from zod, and the table of event types as conditions. */
export function recordJsonSchema(): JsonSchema {
  const { $schema, ...shape } = z.toJSONSchema(recordShape) as unknown as JsonSchema & {
    $schema: string;
  };
  return {
    $schema,
    $id: 'urn:vantio:record:v1',
    title: 'Vantio audit record, version 1',
    ...shape,
    allOf: Object.entries(EVENT_TYPES).map(([type, { required, actions }]) => ({
      if: { properties: { event_type: { const: type } }, required: ['event_type'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
      then: {
        required,
        properties: { action_taken: { enum: actions } },
        propertyNames: { enum: [...(SHAPE_BY_TYPE.get(type)?.allowed ?? [])].sort() },
      },
    })),
  };
}
