import { createPrivateKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readApiKey } from '@vantio/schema/api-key';
import { CliError, systemCode } from '../cli-error.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { type Check, check } from './check.ts';

const SOON_SECONDS = 7 * 86_400;

/** The API keys in reach: their claims, never the keys. */
export function* checkKeys(
  environment: NodeJS.ProcessEnv,
  keyFiles: readonly string[],
): Iterable<Check> {
  if (environment.VANTIO_API_KEY) yield keyCheck('VANTIO_API_KEY', environment.VANTIO_API_KEY);
  for (const file of keyFiles) {
    try {
      for (const key of readKeyFiles([file])) yield keyCheck(`key file ${file}`, key);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      yield check(`key file ${file}`, 'wrong', error.message);
      continue;
    }
    if (isOpenToOthers(file))
      yield check(
        `key file ${file}`,
        'warn',
        'others on this machine can read it',
        `chmod 600 ${file}`,
      );
  }
  if (!environment.VANTIO_API_KEY && keyFiles.length === 0)
    yield check(
      'API key',
      'absent',
      'VANTIO_API_KEY is not set: an agent works in memory and records nothing',
      'vantio keys create --tenant NAME --out agent.key',
    );
  if (environment.VANTIO_SESSION_ROOT) yield rootCheck(environment.VANTIO_SESSION_ROOT);
}

function keyCheck(name: string, apiKey: string): Check {
  let claims: ReturnType<typeof readApiKey>;
  try {
    claims = readApiKey(apiKey);
  } catch {
    return check(name, 'wrong', 'is not an API key (vk1.…)', 'vantio keys create --tenant NAME');
  }
  const { tenantId, keyId, plan, expiresAt } = claims;
  const says = `key ${keyId} of tenant ${tenantId}, plan ${plan}`;
  if (expiresAt === 0) return check(name, 'ok', `${says}, never expires`);
  const left = expiresAt - Date.now() / 1000;
  const until = new Date(expiresAt * 1000).toISOString().slice(0, 10);
  const renew = `vantio keys create --tenant ${tenantId}`;
  if (left <= 0) return check(name, 'wrong', `${says}, expired ${until}`, renew);
  return left < SOON_SECONDS
    ? check(name, 'warn', `${says}, expires ${until}`, renew)
    : check(name, 'ok', `${says}, expires ${until}`);
}

function rootCheck(file: string): Check {
  const name = 'VANTIO_SESSION_ROOT';
  try {
    if (createPrivateKey(readFileSync(file)).asymmetricKeyType !== 'ed25519')
      return check(name, 'wrong', 'is not an Ed25519 key', 'openssl genpkey -algorithm ed25519');
  } catch (error) {
    return check(
      name,
      'wrong',
      `cannot be read as a PEM private key (${systemCode(error)})`,
      'set it to the path of an unencrypted PEM file that this user can read',
    );
  }
  return isOpenToOthers(file)
    ? check(name, 'warn', 'others on this machine can read it', 'chmod 600 the file')
    : check(name, 'ok', 'certifies sessions');
}

const isOpenToOthers = (file: string): boolean =>
  process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
