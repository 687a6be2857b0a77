import * as pulumi from '@pulumi/pulumi';
import type { Settings } from './settings/settings.ts';

/** What every part of the program needs. */
export type Context = {
  readonly settings: Settings;
  /** Known once the services of the project are on. */
  readonly projectNumber: pulumi.Output<string>;
  /** The component that the resources of a part belong to. */
  readonly parent: pulumi.Resource;
};

export const LABELS = { app: 'vantio' } as const;

/** A component resource of its own for one concern; `make` puts what it makes under it. */
export function component<T>(
  context: Context,
  name: string,
  make: (inner: Context) => T,
  options: pulumi.ComponentResourceOptions = {},
): T {
  const parent = new pulumi.ComponentResource(
    `vantio:infra:${name}`,
    `vantio-${name}`,
    {},
    {
      parent: context.parent,
      ...options,
    },
  );
  return make({ ...context, parent });
}

/** Options of a resource that belongs to the context's component. */
export const under = (
  { parent }: Context,
  more: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions => ({ parent, ...more });
