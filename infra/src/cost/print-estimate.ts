import type { ProfileName } from '../settings/profiles.ts';
import type { Estimate } from './estimate.ts';
import { PRICES_OF } from './prices.ts';

/** For the log of a preview. */
export function printEstimate(name: ProfileName, { lines, total }: Estimate): string {
  const rows = [...lines, { what: 'a month, before events and taxes', usd: total }];
  const width = Math.max(...rows.map(({ what }) => what.length));
  const table = rows.map(
    ({ what, usd }) => `  ${what.padEnd(width)}  ${usd.toFixed(2).padStart(9)}`,
  );
  return [`profile ${name}: US dollars, prices of ${PRICES_OF} (infra/SCALE.md)`, ...table].join(
    '\n',
  );
}
