import { type VerifyRequest, verifyFiles } from '../verify-files.ts';

// The page stays alive while a ledger is read, and the ledger stays where it lies: only a worker reads files piece by piece.
self.addEventListener('message', async ({ data }: MessageEvent<VerifyRequest>) => {
  try {
    self.postMessage({ verified: await verifyFiles(data) });
  } catch (error) {
    self.postMessage({ reason: error instanceof Error ? error.message : String(error) });
  }
});
