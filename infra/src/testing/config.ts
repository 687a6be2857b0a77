/** A stack's configuration as `pulumi config` would give it. No key, project or account here is anybody's. */
export const CONFIG: Readonly<Record<string, string>> = {
  'gcp:project': 'example-project',
  'gcp:region': 'europe-west1',
  'vantio:domain': 'vantio.example.com',
  'vantio:keySigners': JSON.stringify(['aa'.repeat(32)]),
  'vantio:ingestSigners': JSON.stringify(['bb'.repeat(32), 'cc'.repeat(32)]),
  'vantio:logPublicKeys': JSON.stringify(['dd'.repeat(32)]),
  'vantio:alertEmail': 'operators@example.com',
};

/** Everything that can be switched on, switched on. */
export const FULL: Readonly<Record<string, string>> = {
  ...CONFIG,
  'vantio:profile': 'prod',
  'vantio:cmek': 'true',
  'vantio:dnsZone': 'example',
  'vantio:runbookBase': 'https://docs.example.com/vantio',
  'vantio:billingAccount': '000000-000000-000000',
  'vantio:auditors': JSON.stringify(['group:auditors@example.com']),
  'vantio:deployers': JSON.stringify(['user:deployer@example.com']),
  'vantio:exporters': JSON.stringify(['user:exporter@example.com']),
  'vantio:importers': JSON.stringify(['user:importer@example.com']),
  'vantio:erasers': JSON.stringify(['user:eraser@example.com']),
  'vantio:policyPublishers': JSON.stringify(['user:publisher@example.com']),
  'vantio:deadLetterOperators': JSON.stringify(['user:letters@example.com']),
  'vantio:keymakerOperators': JSON.stringify(['user:keys@example.com']),
  'vantio:tenantReaders': JSON.stringify(['acme-corp=group:compliance@acme.example']),
  'vantio:logKmsKey':
    'projects/example-project/locations/europe-west1/keyRings/logs/cryptoKeys/log/cryptoKeyVersions/1',
  'vantio:logPublicKeys': JSON.stringify(['dd', 'ee', 'ff'].map((byte) => byte.repeat(32))),
  'vantio:nextLogKey': 'secret',
  'vantio:revokedLogKeys': JSON.stringify(['dd'.repeat(32)]),
  'vantio:witnesses': JSON.stringify([
    'witness.example/w1+0a1b2c3d+BAAA',
    'witness.example/w2+0a1b2c3e+BAAB',
  ]),
  'vantio:witnessQuorum': '2',
  'vantio:gkeAgent': 'vantio/agent',
};
