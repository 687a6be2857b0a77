import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startChromium, VERIFY_PAGE, WITHOUT_CHROMIUM } from '../testing/chromium.ts';
import { LONG_EPOCH, longLedger } from '../testing/long-ledger.ts';
import { API_KEY } from '../testing/sample-ledger.ts';
import { sealLedger, WITNESS_VKEY } from '../testing/seal-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

/** Lets a folder fall on the page, as a hand does. */
async function drop(page: Page, folder: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 150, data });
}

test('the page, opened from a file, verifies a folder that somebody chose, and asks nothing of a network', {
  skip: WITHOUT_CHROMIUM,
}, async (t) => {
  const directory = join(temporaryDirectory(t), 'evidence');
  const made = longLedger(join(temporaryDirectory(t), 'ledger.ndjson'), 600, { whole: true });
  const { vkey } = await sealLedger(made, { sizes: [600], cosigned: { 600: LONG_EPOCH + 9 } });
  renameSync(join(made, '..'), directory);
  writeFileSync(join(directory, 'agent.key'), `${API_KEY}\n`);
  const chromium = await startChromium();
  t.after(() => chromium.close());
  const asked: string[] = [];
  chromium.context.on('request', (request) => {
    if (!/^(file|blob|data):/.test(request.url())) asked.push(request.url());
  });
  const faults: string[] = [];
  const page = await chromium.context.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => faults.push(message.text()));
  await page.goto(VERIFY_PAGE);

  const verdict = async (): Promise<string> => {
    await page.locator('#folder').setInputFiles(directory);
    await page.locator('#vkey').fill(vkey);
    await page.locator('#witness').fill(WITNESS_VKEY);
    await page.locator('#verify').click();
    await page.locator('#said', { hasText: 'Done' }).waitFor();
    return page.frameLocator('iframe').locator('.verdict').innerText();
  };
  assert.match(await verdict(), /^Verified with notes\n.*: verified, witnessed by 1\./s);
  writeFileSync(join(directory, 'ledger.log/tile/0/000'), Buffer.alloc(8192));
  assert.match(await verdict(), /^Rejected\n/);

  await page.reload();
  await drop(page, directory);
  await page.locator('#names li', { hasText: 'ledger.log/tile/entries/002.p/88' }).waitFor();
  assert.equal(await page.locator('#names li').count(), 13);

  await page.locator('#vkey').fill('nonsense');
  await page.locator('#verify').click();
  await page.locator('#reason', { hasText: '--vkey wants a verifier key' }).waitFor();
  assert.deepEqual([asked, faults], [[], []]);
});
