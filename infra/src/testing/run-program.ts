import * as pulumi from '@pulumi/pulumi';
import { type ControlPlane, makeControlPlane } from '../control-plane.ts';
import { readSettings } from '../settings/read-settings.ts';
import { makeBundles } from './bundles.ts';
import { mocksOf } from './mocks.ts';
import { unwrap } from './unwrap.ts';

// biome-ignore lint/suspicious/noExplicitAny: inputs of some sixty types of resource, held to their types by provider-schema.ts
export type Inputs = any;

export type Made = {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
  /** Names of the inputs that Pulumi keeps secret in its state. */
  readonly secrets: readonly string[];
  readonly options: pulumi.CustomResourceOptions;
};

export type Program = {
  readonly made: readonly Made[];
  readonly plane: ControlPlane;
  /** The resources of a type, such as `spanner/database:Database`. */
  readonly all: (type: string) => readonly Made[];
  /** The one resource of this type and logical name. */
  readonly one: (type: string, name: string) => Made;
};

/** When the tests say it is. */
export const NOW = new Date('2026-11-23T00:00:00Z');

/** Runs the whole program against Pulumi's mocks, and answers what it made. */
export async function runProgram(
  config: Readonly<Record<string, string>>,
  bundles = makeBundles(),
): Promise<Program> {
  const made: Made[] = [];
  const options = new Map<string, pulumi.CustomResourceOptions>();
  await pulumi.runtime.setMocks(
    mocksOf(({ type, name, inputs }) => {
      if (type.startsWith('gcp:'))
        made.push({ type, name, ...unwrap(inputs), options: options.get(`${type} ${name}`) ?? {} });
    }),
    'vantio',
    'test',
  );
  const settings = readSettings((name) => ({ 'vantio:bundles': bundles, ...config })[name]);
  const plane = makeControlPlane(settings, NOW, {
    transformations: [
      ({ type, name, opts }) => {
        options.set(`${type} ${name}`, opts);
        return undefined;
      },
    ],
  });
  await pulumi.runtime.disconnect();
  const all = (type: string) => made.filter((resource) => resource.type === `gcp:${type}`);
  return {
    made,
    plane,
    all,
    one: (type, name) => {
      const [found, ...more] = all(type).filter((resource) => resource.name === name);
      if (found === undefined || more.length > 0)
        throw new Error(`${more.length + Number(found !== undefined)} of ${type} ${name}`);
      return found;
    },
  };
}
