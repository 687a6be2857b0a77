import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import { ARMOR_RULES } from './armor-rules.ts';

export const makeArmor = (context: Context): gcp.compute.SecurityPolicy =>
  new gcp.compute.SecurityPolicy(
    'armor',
    {
      name: 'vantio',
      description: 'bounds sizes and floods in front of the functions',
      project: context.settings.projectId,
      type: 'CLOUD_ARMOR',
      rules: [...ARMOR_RULES],
    },
    under(context),
  );
