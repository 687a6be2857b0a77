import { protos } from '@google-cloud/secret-manager';
import { grpc } from 'google-gax';

const {
  AccessSecretVersionRequest,
  AccessSecretVersionResponse,
  AddSecretVersionRequest,
  SecretVersion,
} = protos.google.cloud.secretmanager.v1;

/**
 * A stand-in for Secret Manager, for Google has no emulator of it: the real protocol, over the client's own messages, with
 * the two methods that are used.
 */
export type SecretManagerStandIn = {
  /** host:port, for VANTIO_SECRET_MANAGER_HOST. */
  readonly host: string;
  /** Adds a version; undefined takes the secret away. */
  readonly put: (name: string, text: string | undefined) => void;
  /** Every version, oldest first; null is one that was destroyed. */
  readonly versions: (name: string) => readonly (string | null)[];
  readonly destroy: (name: string, version: number) => void;
  /** Makes `latest` stay at the version it is at, as it may for minutes. */
  readonly holdLatest: (name: string) => void;
  /** Milliseconds that every answer takes. */
  readonly slowBy: (millis: number) => void;
  readonly close: () => void;
};

type Answer = (error: object | null, value?: object) => void;
type Access = { readonly request: { readonly name: string } };
type Add = {
  readonly request: { readonly parent: string; readonly payload: { readonly data: Uint8Array } };
};

export async function startSecretManager(): Promise<SecretManagerStandIn> {
  const secrets = new Map<string, (string | null)[]>();
  const held = new Map<string, number>();
  let delay = 0;
  const add = (name: string, text: string): number =>
    secrets.set(name, [...(secrets.get(name) ?? []), text]).get(name)?.length ?? 0;

  const accessed = (asked: string): [object | null, object?] => {
    const [, name = '', version = ''] = /^(.*)\/versions\/(.*)$/.exec(asked) ?? [];
    const versions = secrets.get(name) ?? [];
    const number = version === 'latest' ? (held.get(name) ?? versions.length) : Number(version);
    const text = versions[number - 1];
    if (text === undefined) return [{ code: grpc.status.NOT_FOUND, details: 'no such version' }];
    if (text === null)
      return [{ code: grpc.status.FAILED_PRECONDITION, details: 'the version is destroyed' }];
    return [null, { name: `${name}/versions/${number}`, payload: { data: Buffer.from(text) } }];
  };

  const server = new grpc.Server();
  server.addService(
    {
      accessSecretVersion: method(
        'AccessSecretVersion',
        AccessSecretVersionRequest,
        AccessSecretVersionResponse,
      ),
      addSecretVersion: method('AddSecretVersion', AddSecretVersionRequest, SecretVersion),
    },
    {
      accessSecretVersion: ({ request }: Access, answer: Answer) =>
        setTimeout(() => answer(...accessed(request.name)), delay),
      addSecretVersion: ({ request: { parent, payload } }: Add, answer: Answer) => {
        const number = add(parent, Buffer.from(payload.data).toString());
        setTimeout(() => answer(null, { name: `${parent}/versions/${number}` }), delay);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    host: `127.0.0.1:${port}`,
    put: (name, text) => {
      if (text === undefined) secrets.delete(name);
      else add(name, text);
    },
    versions: (name) => secrets.get(name) ?? [],
    destroy: (name, version) => {
      const versions = secrets.get(name);
      if (versions) versions[version - 1] = null;
    },
    holdLatest: (name) => held.set(name, secrets.get(name)?.length ?? 0),
    slowBy: (millis) => {
      delay = millis;
    },
    close: () => server.forceShutdown(),
  };
}

/** The part of a generated message type that a method needs. */
type Message = {
  encode(value: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
};

const method = (name: string, request: Message, response: Message) => ({
  path: `/google.cloud.secretmanager.v1.SecretManagerService/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: (value: object) => Buffer.from(request.encode(value).finish()),
  requestDeserialize: (bytes: Buffer) => request.decode(bytes),
  responseSerialize: (value: object) => Buffer.from(response.encode(value).finish()),
  responseDeserialize: (bytes: Buffer) => response.decode(bytes),
});
