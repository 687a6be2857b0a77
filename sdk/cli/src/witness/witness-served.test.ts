import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { HAS_ML_DSA_44, NO_ML_DSA_44 } from '@vantio/schema/tlog/cosignature-ml-dsa';
import { parseNote } from '@vantio/schema/tlog/note';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { runVantio, startVantio } from '../testing/run-vantio.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

for (const algorithm of ['ed25519', 'ml-dsa-44'])
  test(`the control plane takes what a witness with ${algorithm} cosigns, and serves it`, {
    skip: algorithm === 'ml-dsa-44' && !HAS_ML_DSA_44 ? NO_ML_DSA_44 : false,
  }, async (t) => {
    const cwd = temporaryDirectory(t);
    const vantio = async (...args: string[]): Promise<string> => {
      const { status, stdout, stderr } = await runVantio(args, { cwd });
      assert.equal(status, 0, stderr);
      return stdout.trim();
    };
    await vantio('keys', 'create', '--tenant', 'acme', '--out', 'agent.key');
    const spare = await vantio(
      'keys',
      'create',
      '--tenant',
      'acme',
      '--out',
      'spare.key',
      '--json',
    );
    const server = startVantio(['serve', '--port', '0', '--json'], { cwd });
    t.after(() => server.kill('SIGKILL'));
    const [line] = await once(server.stdout ?? server, 'data');
    const { url } = JSON.parse(String(line)) as { url: string };

    const named = ['--name', 'example.com/w', '--algorithm', algorithm];
    const vkey = await vantio('witness', 'keygen', '--out', 'witness.key', ...named);
    const options = ['--url', url, '--key-file', 'agent.key', '--vkey', 'ledger.vkey'].concat([
      '--witness-key',
      'witness.key',
      '--state',
      'state',
      '--json',
    ]);
    const headers = {
      authorization: `Bearer ${readFileSync(join(cwd, 'agent.key'), 'utf8').trim()}`,
    };
    const checkpoint = async (until: (size: number) => boolean): Promise<string> => {
      for (;;) {
        const response = await fetch(`${url}/api/v1/checkpoint`, { headers });
        const bytes = await response.text();
        if (response.ok && until(parseCheckpointText(parseNote(bytes).text).size)) return bytes;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await checkpoint(() => true);
    const unknown = await runVantio(['witness', ...options, '--once'], { cwd });
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /answered 422 \(bad_cosignature\)/);

    writeFileSync(join(cwd, 'ledger.log', 'witnesses'), `# ours\n${vkey}\n`);
    const watching = startVantio(['witness', ...options, '--interval', '1'], { cwd });
    t.after(() => watching.kill('SIGKILL'));
    const said = async (): Promise<{ event: string; size: number }> =>
      JSON.parse(String((await once(watching.stdout ?? watching, 'data'))[0]));
    const first = await said();
    assert.equal(first.event, 'cosigned');
    // The control plane records a revocation, so the log grows.
    const heard = said();
    await vantio('keys', 'revoke', (JSON.parse(spare) as { key_id: string }).key_id);
    const second = await heard;
    assert.deepEqual([second.event, second.size > first.size], ['cosigned', true]);
    const { signatures, text } = parseNote(await checkpoint((size) => size === second.size));
    const cosignatures = readCosignatures({ text, signatures }, [parseVerifierKey(vkey)]);
    assert.equal(cosignatures[0]?.witness, 'example.com/w');
    watching.kill('SIGINT');
    assert.deepEqual(await once(watching, 'exit'), [0, null]);
  });
