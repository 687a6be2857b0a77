import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { InfraError, type InfraErrorCode } from '../infra-error.ts';
import { CONFIG, FULL } from '../testing/config.ts';
import { readSettings } from './read-settings.ts';

const read = (config: Readonly<Record<string, string>>) => readSettings((name) => config[name]);
const refuses = (config: Readonly<Record<string, string>>, code: InfraErrorCode, name: RegExp) =>
  assert.throws(
    () => read(config),
    (error) => error instanceof InfraError && error.code === code && name.test(error.message),
    JSON.stringify(config),
  );
const without = (name: string) =>
  Object.fromEntries(Object.entries(CONFIG).filter(([other]) => other !== name));

describe('settings', () => {
  it('need what cannot be guessed', () => {
    for (const name of Object.keys(CONFIG)) {
      const code = /(igners|Keys)$/.test(name) ? 'bad_setting' : 'missing_setting';
      refuses(without(name), code, new RegExp(name));
    }
  });

  it('are refused when they are of another form, and the name is said', () => {
    const bad: Readonly<Record<string, string>> = {
      'gcp:project': 'Example_Project',
      'gcp:region': 'europe',
      'vantio:profile': 'production',
      'vantio:domain': 'https://vantio.example.com/',
      'vantio:keySigners': '["not hex"]',
      'vantio:ingestSigners': 'aa',
      'vantio:cmek': 'yes',
      'vantio:alertEmail': 'operators',
      'vantio:runbookBase': 'http://docs.example.com',
      'vantio:billingAccount': '1',
      'vantio:monthlyBudget': '-1',
      'vantio:operatorTenant': 'A tenant',
      'vantio:logName': 'a name',
      'vantio:logPublicKeys': '["aa"]',
      'vantio:nextLogKey': 'vantio-next-log-key',
      'vantio:revokedLogKeys': 'aa',
      'vantio:logKmsKey': 'projects/p/keys/k',
      'vantio:witnesses': '["w"]',
      'vantio:witnessQuorum': 'two',
      'vantio:gkeAgent': 'namespace',
    };
    for (const [name, value] of Object.entries(bad))
      refuses({ ...CONFIG, [name]: value }, 'bad_setting', new RegExp(name));
  });

  it('give no right to everybody', () => {
    for (const member of [
      'allUsers',
      'allAuthenticatedUsers',
      'principalSet://iam/pools/*',
      'a@b.c',
    ])
      for (const name of [
        'vantio:auditors',
        'vantio:deployers',
        'vantio:exporters',
        'vantio:importers',
        'vantio:erasers',
        'vantio:policyPublishers',
        'vantio:deadLetterOperators',
        'vantio:keymakerOperators',
      ])
        refuses({ ...CONFIG, [name]: JSON.stringify([member]) }, 'bad_setting', new RegExp(name));
    refuses(
      { ...CONFIG, 'vantio:tenantReaders': '["acme=allUsers"]' },
      'bad_setting',
      /tenantReaders/,
    );
  });

  it('destroy the ledger only when both switches say so', () => {
    const name = 'example-project/vantio/vantio';
    const told = (flag: string, of: string) => ({
      ...CONFIG,
      'vantio:destroyLedger': flag,
      'vantio:destroyLedgerOf': of,
    });
    assert.equal(read(CONFIG).ledger, 'kept');
    assert.equal(read(told('true', name)).ledger, 'to be destroyed');
    refuses(told('true', ''), 'half_told', /example-project/);
    refuses(told('false', name), 'half_told', /example-project/);
    refuses(told('true', 'other/vantio/vantio'), 'half_told', /example-project/);
  });

  it('are those that Pulumi.yaml declares and README explains', () => {
    const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    const asked = new Set<string>();
    readSettings((name) => {
      asked.add(name);
      return FULL[name];
    });
    const declared = [...text('../../../Pulumi.yaml').matchAll(/^ {2}(vantio:\w+):$/gm)];
    const own = [...asked].filter((name) => name.startsWith('vantio:')).sort();
    assert.deepEqual(declared.map(([, name]) => name).sort(), own);
    const explained = [...text('../../README.md').matchAll(/^\| `((?:vantio|gcp):\w+)` \|/gm)];
    assert.deepEqual(explained.map(([, name]) => name).sort(), [...asked].sort());
  });
});
