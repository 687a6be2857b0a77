import type { HttpFunction } from '@google-cloud/functions-framework';
import { publicKeysSetting, setting } from './environment.ts';
import { createKeymaker } from './keymaker/handler.ts';
import { openKeyMaker } from './keymaker/open-key-maker.ts';
import { createRevoke } from './keymaker/revoke.ts';
import { log, logFault } from './log.ts';
import { createAddSecretVersion } from './secrets/add-secret-version.ts';
import { createReadNewest } from './secrets/read-newest.ts';
import { createReadSecret } from './secrets/read-secret.ts';
import { createRefreshed } from './secrets/refreshed.ts';

/** `keymaker`, from the environment. The only function that reads the key-making key. */
export async function createCloudKeymaker(): Promise<HttpFunction> {
  const signers = publicKeysSetting('VANTIO_KEY_SIGNERS');
  const readKey = createReadSecret({ name: setting('VANTIO_KEYMAKER_SECRET') });
  const list = { name: setting('VANTIO_REVOCATIONS_SECRET') };
  const signer = createRefreshed({ load: async () => openKeyMaker(await readKey(), signers) });
  return createKeymaker({
    signer,
    revoke: createRevoke({
      readList: createReadNewest(list),
      addList: createAddSecretVersion(list),
      signers,
      signer,
    }),
    operatorTenant: setting('VANTIO_OPERATOR_TENANT'),
    log: (event, fields) => log('INFO', event, fields),
    onFault: logFault,
  });
}
