import { CONTEXT_FIELDS, REQUIRED_FIELDS } from './common-fields.ts';
import { EVENT_TYPES } from './event-types.ts';

type Shape = {
  readonly required: readonly string[];
  readonly allowed: ReadonlySet<string>;
  readonly actions: ReadonlySet<string>;
};

/** EVENT_TYPES as sets, ready for look-up. */
export const SHAPE_BY_TYPE: ReadonlyMap<string, Shape> = new Map(
  Object.entries(EVENT_TYPES).map(([type, { required, optional, actions }]) => [
    type,
    {
      required,
      allowed: new Set<string>([...REQUIRED_FIELDS, ...CONTEXT_FIELDS, ...required, ...optional]),
      actions: new Set<string>(actions),
    },
  ]),
);
