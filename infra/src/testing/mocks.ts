import type * as pulumi from '@pulumi/pulumi';

type Values = Readonly<Record<string, unknown>>;

const text = (inputs: Values, name: string): string => String(inputs[name]);

/** What Google Cloud would add to a resource, where another resource depends on it. */
const OUTPUTS: Readonly<Record<string, (inputs: Values) => Values>> = {
  'gcp:serviceaccount/account:Account': (inputs) => {
    const email = `${text(inputs, 'accountId')}@${text(inputs, 'project')}.iam.gserviceaccount.com`;
    return {
      email,
      member: `serviceAccount:${email}`,
      name: `projects/${text(inputs, 'project')}/serviceAccounts/${email}`,
    };
  },
  'gcp:projects/serviceIdentity:ServiceIdentity': (inputs) => {
    const [service] = text(inputs, 'service').split('.');
    return { member: `serviceAccount:service-123@gcp-sa-${service}.iam.gserviceaccount.com` };
  },
  'gcp:artifactregistry/repository:Repository': (inputs) => ({
    name: text(inputs, 'repositoryId'),
  }),
  'gcp:projects/iAMCustomRole:IAMCustomRole': (inputs) => ({
    name: `projects/${text(inputs, 'project')}/roles/${text(inputs, 'roleId')}`,
  }),
  'gcp:cloudfunctionsv2/function:Function': (inputs) => ({
    serviceConfig: {
      ...(inputs.serviceConfig as Values),
      uri: `https://${text(inputs, 'name')}-abc.a.run.app`,
    },
  }),
  'gcp:redis/instance:Instance': () => ({
    host: '10.9.0.3',
    port: 6378,
    authString: 'redis-password',
    serverCaCerts: [{ cert: 'a certificate' }],
  }),
  'gcp:secretmanager/secretVersion:SecretVersion': () => ({ version: '1' }),
  'gcp:compute/globalAddress:GlobalAddress': () => ({ address: '203.0.113.7' }),
};

/** Ids that are read as names elsewhere; of all others the type and logical name stand for them. */
const IDS: Readonly<Record<string, (inputs: Values) => string>> = {
  'gcp:secretmanager/secret:Secret': (inputs) =>
    `projects/${text(inputs, 'project')}/secrets/${text(inputs, 'secretId')}`,
  'gcp:kms/keyRing:KeyRing': (inputs) =>
    `projects/${text(inputs, 'project')}/locations/${text(inputs, 'location')}/keyRings/${text(inputs, 'name')}`,
  'gcp:kms/cryptoKey:CryptoKey': (inputs) =>
    `${text(inputs, 'keyRing')}/cryptoKeys/${text(inputs, 'name')}`,
};

const CALLS: Readonly<Record<string, Values>> = {
  'gcp:organizations/getProject:getProject': { number: '123' },
  'gcp:storage/getProjectServiceAccount:getProjectServiceAccount': {
    member: 'serviceAccount:service-123@gs-project-accounts.iam.gserviceaccount.com',
  },
  'gcp:bigquery/getDefaultServiceAccount:getDefaultServiceAccount': {
    member: 'serviceAccount:bq-123@bigquery-encryption.iam.gserviceaccount.com',
  },
};

/** What a resource would be once made: an id that tells what it is, its inputs, and what is known to be added. */
export const stateOf = (type: string, name: string, inputs: Values) => ({
  id: IDS[type]?.(inputs) ?? `${type.split(':').at(-1)}/${name}`,
  state: { name, ...inputs, ...OUTPUTS[type]?.(inputs) },
});

export const callOf = (token: string): Values => {
  const answer = CALLS[token];
  if (answer === undefined) throw new Error(`nothing is known of ${token}`);
  return answer;
};

export const mocksOf = (
  see: (args: pulumi.runtime.MockResourceArgs) => void,
): pulumi.runtime.Mocks => ({
  newResource: (args) => {
    see(args);
    return stateOf(args.type, args.name, args.inputs);
  },
  call: ({ token }) => callOf(token),
});
