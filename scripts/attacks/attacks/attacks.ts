import type { Attack } from '../attack.ts';
import { ON_CONTROL } from './on-control.ts';
import { ON_PROMISES } from './on-promises.ts';
import { ON_RECORDS } from './on-records.ts';
import { ON_THE_KEYS } from './on-the-keys.ts';
import { ON_THE_LOG } from './on-the-log.ts';

export const ATTACKS: readonly Attack[] = [
  ...ON_RECORDS,
  ...ON_CONTROL,
  ...ON_THE_LOG,
  ...ON_THE_KEYS,
  ...ON_PROMISES,
];
