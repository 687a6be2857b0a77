/** Bundled as spend.cjs, which is loaded only where a policy counts what models cost: it brings the prices. */
export { bucketId, spendSubject } from '@vantio/schema/spend/bucket-id';
export { costOf, mostOf } from '@vantio/schema/spend/cost-of';
export { estimate } from '@vantio/schema/spend/estimate';
export { createMeter } from '@vantio/schema/spend/meter';
export { priceOf } from '@vantio/schema/spend/price-of';
export { windowAt } from '@vantio/schema/spend/window';
export { createLeasePurse } from './spend/lease-purse.ts';
export { createProcessPurse } from './spend/process-purse.ts';
export { capFields, sentenceOf, UNAVAILABLE, UNKNOWN_MODEL } from './spend/spend-words.ts';
