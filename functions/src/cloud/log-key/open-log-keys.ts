import { SettingError, setting } from '../environment.ts';
import type { LogKeys } from './log-identity.ts';
import { openLogKey } from './open-log-key.ts';

const RAW_KEYS = /^[0-9a-f]{64}(,[0-9a-f]{64})*$/;

/** Raw public keys of the logs, 64 hex digits each, in the order in which they take over. */
export function logPublicKeysSetting(): readonly string[] {
  const keys = setting('VANTIO_LOG_PUBLIC_KEY', RAW_KEYS).split(',');
  if (new Set(keys).size < keys.length)
    throw new SettingError('VANTIO_LOG_PUBLIC_KEY names a key twice: no key takes over again');
  return keys;
}

/** Those of them that are revoked. */
export function revokedLogKeysSetting(known: readonly string[]): readonly string[] {
  const text = process.env.VANTIO_REVOKED_LOG_KEYS ?? '';
  if (text === '') return [];
  const revoked = setting('VANTIO_REVOKED_LOG_KEYS', RAW_KEYS).split(',');
  if (revoked.some((key) => !known.includes(key)))
    throw new SettingError('VANTIO_REVOKED_LOG_KEYS names a key that VANTIO_LOG_PUBLIC_KEY lacks');
  return revoked;
}

/** Names of the keys that sign, and what they must be. Read before a key is asked for: a wrong setting is told at once. */
export function logKeySettings() {
  const publicKeys = logPublicKeysSetting();
  const revoked = revokedLogKeysSetting(publicKeys);
  const nextName = process.env.VANTIO_NEXT_LOG_KEY || undefined;
  const [next, current] = [
    nextName === undefined ? undefined : publicKeys.at(-1),
    publicKeys.at(nextName === undefined ? -1 : -2),
  ];
  if (current === undefined)
    throw new SettingError(
      'VANTIO_LOG_PUBLIC_KEY must name the key that hands over, and after it that of VANTIO_NEXT_LOG_KEY',
    );
  if (revoked.some((key) => key === current || key === next))
    throw new SettingError(
      'VANTIO_REVOKED_LOG_KEYS names a key that signs: it hands over to another first',
    );
  return {
    publicKeys,
    revoked,
    current: { name: setting('VANTIO_LOG_KEY'), publicKey: current },
    ...(nextName === undefined || next === undefined
      ? {}
      : { next: { name: nextName, publicKey: next } }),
  };
}

/** @throws {LogKeyError | SettingError} */
export async function openLogKeys(settings: ReturnType<typeof logKeySettings>): Promise<LogKeys> {
  const { next } = settings;
  const bytesOf = (keys: readonly string[]) => keys.map((hex) => Buffer.from(hex, 'hex'));
  const known = { publicKeys: bytesOf(settings.publicKeys), revoked: bytesOf(settings.revoked) };
  const trusted = [settings.current.publicKey, ...(next === undefined ? [] : [next.publicKey])];
  const current = await openLogKey(settings.current.name, ...trusted);
  // The next key stands where the current one stood: the hand-over is over, and the settings are about to say so.
  const isOver = Buffer.from(current.publicKey).toString('hex') === next?.publicKey;
  if (next === undefined || isOver) return { current, ...known };
  return { current, next: await openLogKey(next.name, next.publicKey), ...known };
}
