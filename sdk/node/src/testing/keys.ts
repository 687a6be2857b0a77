import { generateKeyPairSync } from 'node:crypto';
import { makeApiKey } from '@vantio/schema';

export const newApiKey = (): string =>
  makeApiKey({ tenantId: 'acme', plan: 'local' }, generateKeyPairSync('ed25519').privateKey);
