import { type KeyTerm, termsOf } from '@vantio/schema/tlog/key-terms';
import { openRotation } from '@vantio/schema/tlog/rotation';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import type { LogClient } from './log-client.ts';
import type { State } from './state.ts';
import type { LogKey } from './verifier-keys.ts';

/** The keys of a log as a witness knows them: those that were pinned, and those that it followed from there. */
export function termsIn(keys: readonly LogKey[], state: State, origin: string): readonly KeyTerm[] {
  const pinned = keys.filter(({ name }) => name === origin).map(({ key }) => key);
  // Of an unknown log there is no state to ask for.
  if (pinned.length === 0) return [];
  try {
    return termsOf(pinned, state.read(origin).rotations.map(openRotation));
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    // Other keys are pinned now than those that were followed from: what these vouched for is nothing to them.
    return termsOf(pinned, []);
  }
}

/**
 * Asks a log how its keys took over from each other, and remembers it, if it goes on from what was known and from what is
 * pinned.
 * @returns whether there was anything new.
 * @throws {CliError} if the log does not answer.
 */
export async function followKeys(
  keys: readonly LogKey[],
  state: State,
  client: Pick<LogClient, 'rotations'>,
): Promise<boolean> {
  const [first] = keys;
  if (first === undefined) return false;
  const origin = first.name;
  const known = state.read(origin);
  const rotations = await client.rotations();
  const goesOn =
    rotations.length > known.rotations.length &&
    known.rotations.every((note, at) => note === rotations[at]);
  if (!goesOn) return false;
  try {
    termsOf(
      keys.map(({ key }) => key),
      rotations.map(openRotation),
    );
  } catch (error) {
    if (error instanceof TlogError) return false;
    throw error;
  }
  state.save(origin, { ...known, rotations });
  return true;
}
