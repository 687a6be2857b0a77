import type { CheckName } from '@vantio/schema';
import type { AlarmKind } from '../../sdk/cli/src/witness/alarm.ts';
import type { World } from './world.ts';

/** What a victim may hold that the server does not make for it again. */
export const PINS = [
  'API keys',
  'root',
  'vkey',
  'witness',
  'checkpoint',
  'receipts',
  'heads',
] as const;
export type Pin = (typeof PINS)[number];
export const ALL: readonly Pin[] = PINS;

export type Catch =
  /** Every check that finds something wrong, sorted. */
  | { readonly by: 'verify'; readonly wrong: readonly CheckName[] }
  /** Nothing is wrong by the text: these are unmeasured that are not so of the honest world, and the log says these words. */
  | {
      readonly by: 'nobody';
      readonly unmeasured: readonly CheckName[];
      readonly words?: readonly string[];
    }
  | { readonly by: 'witness'; readonly alarm: AlarmKind }
  /** The witness does not cosign, and tells so. */
  | { readonly by: 'refusal'; readonly says: RegExp }
  | { readonly by: 'proof'; readonly says: RegExp };

export type Attack = {
  readonly name: string;
  /** Default: every key of the server. */
  readonly attacker?: string;
  readonly victim: readonly Pin[];
  /** Spoils a copy of the world. What it returns is what the witness, or who asks for a proof, came upon. */
  readonly act: (world: World) => unknown;
  readonly caught: Catch;
};
