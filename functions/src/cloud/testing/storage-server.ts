import { type StorageServer, startStorageServer as start } from '../mirror/storage-server.ts';

export { missingStorageServer } from '../mirror/storage-server.ts';

type TestContext = { after(hook: () => unknown): void };

/** Until the test has ended. Points this process's clients at it. */
export async function startStorageServer(test: TestContext): Promise<StorageServer> {
  const server = await start();
  test.after(server.close);
  process.env.VANTIO_STORAGE_HOST = server.host;
  return server;
}
