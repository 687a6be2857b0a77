import { join } from 'node:path';
import { ROOT_KEY } from '@vantio/schema/vectors/sample-session';
import type { VerifyOutcome } from '../../sdk/cli/src/verify/outcome.ts';
import { runVerify } from '../../sdk/cli/src/verify/run-verify.ts';
import { run } from '../e2e/run.ts';
import type { Pin } from './attack.ts';
import type { World } from './world.ts';

const has = (pins: readonly Pin[], pin: Pin, ...values: readonly string[]): readonly string[] =>
  pins.includes(pin) ? values : [];

function optionsOf(world: World, pins: readonly Pin[]) {
  const file = (name: string): string => join(world.directory, name);
  return {
    keyFile: has(pins, 'API keys', file('api.keys')),
    sessionRoot: has(pins, 'root', ROOT_KEY),
    expectHead: has(pins, 'heads', ...world.heads),
    vkey: has(pins, 'vkey', file('pinned.vkey')),
    witness: has(pins, 'witness', file('witness.vkey')),
    receipts: has(pins, 'receipts', file('receipts.ndjson')),
    checkpoint: has(pins, 'checkpoint', file('kept-checkpoint')),
  };
}

/** `vantio verify` as the victim runs it. */
export const verifyAs = (world: World, pins: readonly Pin[]): Promise<VerifyOutcome> =>
  runVerify([world.ledger], optionsOf(world, pins));

/** The same by the other implementation: what it ends with, and the checks that it found wrong. */
export async function verifyInPython(python: string, world: World, pins: readonly Pin[]) {
  const words = Object.entries(optionsOf(world, pins)).flatMap(([name, values]) =>
    values.flatMap((value) => [`--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`, value]),
  );
  const args = ['-m', 'vantio_verify', world.ledger, '--json', ...words];
  const { status, stdout, stderr } = await run(python, args, process.env, 'sdk/python');
  if (stderr !== '') return { status, wrong: [stderr] };
  const { wrong } = JSON.parse(stdout) as { readonly wrong: Readonly<Record<string, number>> };
  return { status, wrong: Object.keys(wrong).sort() };
}
