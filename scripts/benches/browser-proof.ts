import { startChromium, WITHOUT_CHROMIUM } from '../../sdk/cli/dist/testing/chromium.js';
import type { EventProof, EventProofRequest } from '../../sdk/cli/dist/verify/event-proof.js';
import { count, percentile } from './load.ts';
import { printRow } from './row.ts';

type Verifier = { readonly verifyEvent: (request: EventProofRequest) => Promise<EventProof> };
type Checked = { readonly millis: number; readonly verdict: EventProof['verdict'] };

/** Checks proofs in Chromium, one after the other, on a page that has just been opened: the first one is cold. */
export async function printBrowserRow(proofs: readonly EventProofRequest[]): Promise<void> {
  if (WITHOUT_CHROMIUM) {
    console.log(`proofs in a browser: ${WITHOUT_CHROMIUM}`);
    return;
  }
  const chromium = await startChromium();
  try {
    const page = await chromium.openPage();
    const checked = await page.evaluate(async (proofs) => {
      const { vantio } = globalThis as unknown as { readonly vantio: Verifier };
      const checked: Checked[] = [];
      for (const proof of proofs) {
        const started = performance.now();
        const { verdict } = await vantio.verifyEvent(proof);
        checked.push({ millis: performance.now() - started, verdict });
      }
      return checked;
    }, proofs);
    if (checked.some(({ verdict }) => verdict !== 'verified'))
      throw new Error('the benchmark made a proof that does not verify');
    const millis = checked.map((one) => one.millis);
    const slowest = Math.max(...millis);
    const version = chromium.context.browser()?.version().split('.')[0] ?? '';
    printRow({
      what: `… checked in Chromium ${version}, with both signatures by WebCrypto, slowest of ${count(millis.length)}`,
      measured: `${slowest.toFixed(1)} ms`,
      against: `the first, on a page just opened, ${millis[0]?.toFixed(1)} ms; p50 ${percentile(millis, 0.5).toFixed(1)} ms`,
      target: '< 100 ms',
      met: slowest < 100,
    });
  } finally {
    await chromium.close();
  }
}
