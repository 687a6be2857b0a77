import { type Database, MutationSet } from '@google-cloud/spanner';
import type { WriteAtLeastOnceOptions } from '@google-cloud/spanner/build/src/database.js';
import { parseEnvelope } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { insertsOf } from '../../../functions/dist/cloud/spanner/insert-rows.js';
import { openDatabase } from '../../../functions/dist/cloud/spanner/open-database.js';
import { inTurn } from '../load.ts';

/**
 * The Spanner client and nothing else, in a process of its own: commits the rows that the writer would, of batches that it
 * is given, as many at one time. What comes out is the most that the database takes from this client.
 */
export type BareTask = {
  readonly database: string;
  /** Envelope lines of each commit. */
  readonly batches: readonly (readonly string[])[];
  readonly receivedAt: string;
  readonly hands: number;
};

export type BareResult = {
  readonly seconds: number;
  /** As the database counts them; undefined when it does not say. */
  readonly mutations: number | undefined;
};

// The client passes it on; its type does not know it.
const WITH_STATS: WriteAtLeastOnceOptions & { readonly returnCommitStats: true } = {
  returnCommitStats: true,
};

let database: Promise<Database> | undefined;

process.on('message', async ({ database: path, batches, receivedAt, hands }: BareTask) => {
  database ??= openDatabase({ path, role: undefined, concurrency: hands });
  const ledger = await database;
  const commits = batches.map((lines) => {
    const rows = lines.map((line) => ledgerRows(parseEnvelope(line), receivedAt));
    const mutations = new MutationSet();
    mutations.insert('TrueTimeLedger', [...insertsOf(rows).TrueTimeLedger]);
    return mutations;
  });
  let counted = 0;
  const started = performance.now();
  await inTurn(commits, hands, async (commit) => {
    const [response] = await ledger.writeAtLeastOnce(commit, WITH_STATS);
    counted += Number(response.commitStats?.mutationCount ?? 0);
  });
  const seconds = (performance.now() - started) / 1000;
  const result: BareResult = { seconds, mutations: counted || undefined };
  process.send?.(result);
});
