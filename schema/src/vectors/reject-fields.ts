import { SHAPE_BY_TYPE } from '../shapes.ts';
import { changed } from './changed-record.ts';
import { fieldFaults } from './field-faults.ts';
import { FIELD_NAMES, fieldSchema, fieldValues } from './field-values.ts';
import { oneOfEachType } from './one-of-each-type.ts';
import { type RejectEnvelope, refuse } from './reject-envelope.ts';
import { sealed } from './sample-records.ts';

/** One record of each type, the shortest first: a vector is not longer than it must be. */
const records = [
  ...oneOfEachType(),
  ...sealed.filter(({ record }) => record.event_type === 'session_end'),
]
  .map((one) => ({ sealed: one, type: one.record.event_type }))
  .sort((a, b) => a.sealed.canonical.length - b.sealed.canonical.length);

/**
 * For every field of the table each way in which it can be wrong, alone in a record that is else sound; and, where it
 * has its place in some types only, the field in a type that does not have it.
 */
export const rejectFields = (): RejectEnvelope[] =>
  FIELD_NAMES.flatMap((field) => [...unfit(field), ...misspelt(field), ...misplaced(field)]);

const allows = (type: string, field: string): boolean =>
  SHAPE_BY_TYPE.get(type)?.allowed.has(field) ?? false;

function baseOf(field: string) {
  const base = records.find(({ type }) => allows(type, field));
  if (!base) throw new Error(`${field} has its place in no event type`);
  return base.sealed;
}

const unfit = (field: string): RejectEnvelope[] =>
  fieldFaults(field).map(({ what, raw }) =>
    refuse(`${field}: ${what}`, changed(baseOf(field), { [field]: { raw } }), 'bad_value', field),
  );

/** A number that the field takes, in a spelling that is not canonical: the line is refused, not the field. */
function misspelt(field: string): RejectEnvelope[] {
  if (fieldSchema(field).type !== 'integer') return [];
  const base = baseOf(field);
  const value = Object.entries(base.record).find(([name]) => name === field)?.[1];
  const raw = `${value ?? fieldValues(field).least}e0`;
  const line = changed(base, { [field]: { raw } });
  return [refuse(`${field}: spelt with an exponent`, line, 'not_canonical', 'envelope')];
}

function misplaced(field: string): RejectEnvelope[] {
  const stranger = records.find(({ type }) => !allows(type, field));
  if (!stranger) return [];
  const { least } = fieldValues(field);
  const line = changed(stranger.sealed, { [field]: least });
  return [refuse(`${field}: in a ${stranger.type} record`, line, 'not_for_this_type', field)];
}
