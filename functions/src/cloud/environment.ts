import type { KeyObject } from 'node:crypto';
import { signerIdOf } from '@vantio/schema';
import { publicKeyFromRaw } from '@vantio/schema/session-signature';

/** A setting is missing or not of its form; the function does not start. Names the variable, never its value. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly code = 'bad_setting';
}

export function setting(name: string, form?: RegExp): string {
  const value = process.env[name] ?? '';
  if (value === '') throw new SettingError(`${name} is not set`);
  if (form && !form.test(value))
    throw new SettingError(`${name} is not of the form ${form.source}`);
  return value;
}

const RAW_KEYS = /^[0-9a-f]{64}(,[0-9a-f]{64})*$/;

/** Raw Ed25519 public keys (64 hex digits, comma-separated) by their signer id: several while one is rotated out. */
export const publicKeysSetting = (name: string): ReadonlyMap<string, KeyObject> =>
  new Map(
    setting(name, RAW_KEYS)
      .split(',')
      .map((raw) => {
        const key = publicKeyFromRaw(raw);
        return [signerIdOf(key), key];
      }),
  );
