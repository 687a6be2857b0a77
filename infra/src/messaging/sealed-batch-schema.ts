/** `SealedBatch` of schema/src/wire/sealed-batch.ts, as Pub/Sub checks it before a message is taken. */
export const SEALED_BATCH_SCHEMA = JSON.stringify({
  type: 'record',
  name: 'SealedBatch',
  fields: [
    { name: 'v', type: 'int' },
    { name: 'batch', type: 'string' },
    { name: 'signer_id', type: 'string' },
    { name: 'signature', type: 'string' },
  ],
});
