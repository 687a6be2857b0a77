import { fileURLToPath } from 'node:url';
import * as pulumi from '@pulumi/pulumi';
import { makeControlPlane } from './src/control-plane.ts';
import { readSettings } from './src/settings/read-settings.ts';

/** Where `scripts/build` puts what is uploaded, one folder for each function. */
const BUNDLES = fileURLToPath(new URL('../functions/dist/bundles', import.meta.url));

const settings = readSettings((name) => {
  const [namespace = '', key = ''] = name.split(':');
  return new pulumi.Config(namespace).get(key);
});

export const { address, endpoint, tiles, monthlyCostUsd } = makeControlPlane(
  settings,
  BUNDLES,
  new Date(),
);
