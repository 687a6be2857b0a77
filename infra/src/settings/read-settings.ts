import { InfraError } from '../infra-error.ts';
import { ledgerFate } from './ledger-fate.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import type { Settings, TenantReader } from './settings.ts';

/** `pulumi.Config.get`, by full name: lists come as JSON text. */
export type ReadConfig = (name: string) => string | undefined;

const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
/** No `allUsers`, no `allAuthenticatedUsers`, and no wildcard: a right is given to somebody. */
const MEMBER = /^(user|group|serviceAccount|domain|principal|principalSet):[^\s*]+$/;
const KMS_KEY =
  /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+\/cryptoKeyVersions\/[1-9][0-9]*$/;
/** A verifier key of C2SP signed-note; the function that reads it checks it whole. */
const WITNESS = /^[^\s+,]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/;
const TENANT_READER = new RegExp(`^[a-z0-9][a-z0-9_-]{0,62}=${MEMBER.source.slice(1)}`);

/**
 * Checks the stack's configuration before anything is made.
 * @throws {InfraError} naming the setting and the rule.
 */
export function readSettings(read: ReadConfig): Settings {
  const text = (name: string, shape: RegExp, otherwise?: string): string => {
    const value = read(name) ?? otherwise;
    if (value === undefined) throw new InfraError('missing_setting', `${name} is not set`);
    if (value !== otherwise && !shape.test(value))
      throw new InfraError('bad_setting', `${name} does not match ${shape.source}`);
    return value;
  };
  const flag = (name: string): boolean => text(name, /^(true|false)$/, 'false') === 'true';
  const whole = (name: string, otherwise: number): number =>
    Number(text(name, /^[0-9]{1,6}$/, String(otherwise)));
  const list = (name: string, shape: RegExp, atLeast: number): readonly string[] => {
    const values: unknown = parse(name, read(name) ?? '[]');
    if (!Array.isArray(values) || values.length < atLeast)
      throw new InfraError('bad_setting', `${name} must be a list of at least ${atLeast}`);
    return values.map((value: unknown) => {
      if (typeof value === 'string' && shape.test(value)) return value;
      throw new InfraError('bad_setting', `an entry of ${name} does not match ${shape.source}`);
    });
  };

  const profileName: ProfileName =
    text('vantio:profile', /^(dev|prod)$/, 'dev') === 'prod' ? 'prod' : 'dev';
  const profile = PROFILES[profileName];
  const projectId = text('gcp:project', /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
  return {
    profileName,
    profile,
    projectId,
    region: text('gcp:region', /^[a-z]+-[a-z]+[0-9]+$/),
    domain: text('vantio:domain', HOST),
    dnsZone: text('vantio:dnsZone', /^[a-z][a-z0-9-]{0,62}$/, ''),
    keySigners: list('vantio:keySigners', /^[0-9a-f]{64}$/, 1),
    ingestSigners: list('vantio:ingestSigners', /^[0-9a-f]{64}$/, 1),
    logName:
      text('vantio:logName', /^[a-z0-9][a-z0-9.-]{0,127}$/, '') || text('vantio:domain', HOST),
    logPublicKeys: list('vantio:logPublicKeys', /^[0-9a-f]{64}$/, 1),
    logKmsKey: text('vantio:logKmsKey', KMS_KEY, ''),
    nextLogKey: text('vantio:nextLogKey', new RegExp(`^secret$|${KMS_KEY.source}`), ''),
    revokedLogKeys: list('vantio:revokedLogKeys', /^[0-9a-f]{64}$/, 0),
    witnesses: list('vantio:witnesses', WITNESS, 0),
    witnessQuorum: whole('vantio:witnessQuorum', 1),
    cmek: flag('vantio:cmek'),
    alertEmail: text('vantio:alertEmail', /^[^@\s]+@[^@\s]+$/),
    bundles: text('vantio:bundles', /./, '../functions/dist/bundles'),
    runbookBase: text('vantio:runbookBase', /^https:\/\/\S+[^/\s]$/, ''),
    billingAccount: text('vantio:billingAccount', /^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, ''),
    monthlyBudget: whole('vantio:monthlyBudget', 0),
    tileRetentionDays: whole('vantio:tileRetentionDays', 0) || profile.tileRetentionDays,
    operatorTenant: text('vantio:operatorTenant', /^[a-z0-9][a-z0-9_-]{0,62}$/, 'vantio'),
    tenantReaders: list('vantio:tenantReaders', TENANT_READER, 0).map(tenantReader),
    auditors: list('vantio:auditors', MEMBER, 0),
    deployers: list('vantio:deployers', MEMBER, 0),
    exporters: list('vantio:exporters', MEMBER, 0),
    importers: list('vantio:importers', MEMBER, 0),
    erasers: list('vantio:erasers', MEMBER, 0),
    policyPublishers: list('vantio:policyPublishers', MEMBER, 0),
    deadLetterOperators: list('vantio:deadLetterOperators', MEMBER, 0),
    keymakerOperators: list('vantio:keymakerOperators', MEMBER, 0),
    gkeAgent: text('vantio:gkeAgent', /^[a-z0-9-]{1,63}\/[a-z0-9-]{1,63}$/, ''),
    ledger: ledgerFate(
      projectId,
      flag('vantio:destroyLedger'),
      text('vantio:destroyLedgerOf', /./, ''),
    ),
  };
}

function tenantReader(text: string): TenantReader {
  const at = text.indexOf('=');
  return { tenant: text.slice(0, at), member: text.slice(at + 1) };
}

function parse(name: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new InfraError('bad_setting', `${name} is not a JSON list`);
  }
}
