import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startSecretManager } from '../mirror/secret-manager.ts';
import { createReadNewest } from './read-newest.ts';

const NAME = 'projects/p/secrets/list';
const secrets = await startSecretManager();
process.env.VANTIO_SECRET_MANAGER_HOST = secrets.host;
after(() => secrets.close());

test('a new version is read at once, while `latest` still gives the old one', async () => {
  secrets.put(NAME, 'first');
  secrets.holdLatest(NAME);
  const [running, started] = [createReadNewest({ name: NAME }), createReadNewest({ name: NAME })];
  assert.equal(await running(), 'first');
  secrets.put(NAME, 'second');
  secrets.put(NAME, 'third');
  assert.equal(await running(), 'third');
  assert.equal(await started(), 'third');
});

test('a version that was destroyed is passed over; the one in use, gone, is an error', async () => {
  const read = createReadNewest({ name: NAME });
  await read();
  secrets.put(NAME, 'fourth');
  secrets.put(NAME, 'fifth');
  secrets.destroy(NAME, 4);
  assert.equal(await read(), 'fifth');
  secrets.destroy(NAME, 5);
  await assert.rejects(read(), { code: 9 });
  secrets.put(NAME, undefined);
  await assert.rejects(createReadNewest({ name: NAME })(), { code: 5 });
});
