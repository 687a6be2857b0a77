import * as pulumi from '@pulumi/pulumi';
import { makeControlPlane } from './src/control-plane.ts';
import { readSettings } from './src/settings/read-settings.ts';

const settings = readSettings((name) => {
  const [namespace = '', key = ''] = name.split(':');
  return new pulumi.Config(namespace).get(key);
});

export const { address, endpoint, tiles, monthlyCostUsd } = makeControlPlane(settings, new Date());
