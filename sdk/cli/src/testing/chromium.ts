import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const BUNDLE = fileURLToPath(new URL('../../dist/vantio-verify.browser.mjs', import.meta.url));

/** The page for people, which holds its scripts. */
export const VERIFY_PAGE = new URL('../../dist/vantio-verify.html', import.meta.url).href;

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium of this machine; undefined if it has none. */
export const CHROMIUM: string | undefined = [
  process.env.VANTIO_CHROMIUM,
  ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium')),
].find((path) => path !== undefined && isProgram(path));

export const WITHOUT_CHROMIUM =
  CHROMIUM === undefined && 'no chromium here: VANTIO_CHROMIUM names none, nor is one in PATH';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export type Chromium = {
  readonly context: BrowserContext;
  /** A page that has the verifier as `vantio`. */
  readonly openPage: () => Promise<Page>;
  readonly close: () => Promise<void>;
};

/** A browser that knows nothing of any before it. */
export async function startChromium(): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'vantio-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM ?? '',
    headless: true,
    chromiumSandbox: false,
    args: FLAGS,
  });
  const server = createServer(({ url }, response) => {
    const isBundle = url === '/verify.mjs';
    response.setHeader('content-type', isBundle ? 'text/javascript' : 'text/html');
    response.end(
      isBundle
        ? readFileSync(BUNDLE)
        : '<!doctype html><script type="module">import * as vantio from "/verify.mjs"; window.vantio = vantio;</script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    context,
    openPage: async () => {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForFunction('window.vantio !== undefined');
      return page;
    },
    close: async () => {
      await context.close();
      server.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
