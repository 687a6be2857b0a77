import assert from 'node:assert/strict';
import { type Enforced, linesOf, runEnforced } from '../../enforce/testing/run-enforced.ts';
import { startToolServer } from './tool-server.ts';

export type Ran<Said> = {
  /** What the agent of that name said. */
  readonly of: (name: string) => Said | undefined;
  readonly run: Enforced;
  /** What the model was asked. */
  readonly asked: readonly string[];
};

/** Runs the agents of `fixtures/doors/NAME.mjs`, each of which says a line, against a model that has them call tools. */
export async function runAgents<Said extends { readonly name: string }>(
  name: string,
  policy: unknown,
  more: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Ran<Said>> {
  const server = await startToolServer();
  const args = [JSON.stringify({ url: server.url, ...more })];
  const run = await runEnforced(`doors/${name}.mjs`, policy, { args, env });
  server.close();
  assert.equal(run.code, 0, run.stderr);
  const said = linesOf<Said>(run);
  return { of: (one) => said.find(({ name: own }) => own === one), run, asked: server.asked };
}
