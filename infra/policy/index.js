// JavaScript, because Pulumi's runner of policy packs compiles an index.ts with a ts-node of its own, which refuses what Node itself runs.
import { PolicyPack } from '@pulumi/policy';
import { POLICIES } from './policies.ts';

new PolicyPack('vantio', { policies: POLICIES });
