import { readApiKey } from '@vantio/schema/api-key';
import { keyIdOf } from '@vantio/schema/tlog/note-keys';
import { commandLine, RUNTIME } from '../../invocation.ts';
import { VERSION } from '../../version.ts';
import type { VerifyOutcome } from '../outcome.ts';
import type { VerifyKeys, VerifyOptions } from '../run-verify.ts';
import { type ReportFacts, reportPage } from './report-page.ts';

export const renderReport = (
  outcome: VerifyOutcome,
  keys: VerifyKeys,
  { expectHead, receipts }: VerifyOptions,
): string =>
  reportPage(outcome, {
    command: commandLine(),
    versions: `vantio ${VERSION}, ${RUNTIME}, record version 1`,
    madeAt: new Date().toISOString(),
    asked: {
      apiKeys: keys.apiKeys.length,
      expectHeads: expectHead.length,
      receipts: receipts.length,
    },
    keys: keyRows(outcome, keys),
  });

/** Ids alone: what an API key holds besides is a secret. */
function keyRows(
  { logs }: VerifyOutcome,
  { apiKeys, sessionRoots, logKeys, witnesses }: VerifyKeys,
): ReportFacts['keys'] {
  const found = logs.flatMap(({ isPinned, keyId, origin }) =>
    isPinned || keyId === undefined ? [] : [{ id: keyId, note: `of ${origin}, found beside it` }],
  );
  return [
    ...apiKeys.map((apiKey) => {
      const { keyId, tenantId, plan } = readApiKey(apiKey);
      return { kind: 'API key', id: keyId, note: `tenant ${tenantId}, plan ${plan}` };
    }),
    ...sessionRoots.map((root) => ({ kind: 'Session root', id: root, note: 'pinned' })),
    ...logKeys.map((key) => ({
      kind: 'Log key',
      id: keyIdOf(key),
      note: `of ${key.name}, pinned`,
    })),
    ...found.map((key) => ({ kind: 'Log key', ...key })),
    ...witnesses.map((key) => ({
      kind: 'Witness key',
      id: keyIdOf(key),
      note: `of ${key.name}, pinned`,
    })),
  ];
}
