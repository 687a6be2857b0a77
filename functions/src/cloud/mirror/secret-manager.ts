import { protos } from '@google-cloud/secret-manager';
import { grpc } from 'google-gax';

const { AccessSecretVersionRequest, AccessSecretVersionResponse } =
  protos.google.cloud.secretmanager.v1;

/**
 * A stand-in for Secret Manager, for Google has no emulator of it: the real protocol, over the client's own messages, with
 * the one method that is used.
 */
export type SecretManagerStandIn = {
  /** host:port, for VANTIO_SECRET_MANAGER_HOST. */
  readonly host: string;
  /** Adds a version; undefined takes the secret away. */
  readonly put: (name: string, text: string | undefined) => void;
  /** Milliseconds that every answer takes. */
  readonly slowBy: (millis: number) => void;
  readonly close: () => void;
};

export async function startSecretManager(): Promise<SecretManagerStandIn> {
  const secrets = new Map<string, string>();
  let delay = 0;
  const server = new grpc.Server();
  server.addService(
    {
      accessSecretVersion: {
        path: '/google.cloud.secretmanager.v1.SecretManagerService/AccessSecretVersion',
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: object) =>
          Buffer.from(AccessSecretVersionRequest.encode(value).finish()),
        requestDeserialize: (bytes: Buffer) => AccessSecretVersionRequest.decode(bytes),
        responseSerialize: (value: object) =>
          Buffer.from(AccessSecretVersionResponse.encode(value).finish()),
        responseDeserialize: (bytes: Buffer) => AccessSecretVersionResponse.decode(bytes),
      },
    },
    {
      accessSecretVersion: (
        call: { readonly request: { readonly name: string } },
        callback: (error: object | null, value?: object) => void,
      ) => {
        const { name } = call.request;
        const text = secrets.get(name.replace(/\/versions\/latest$/, ''));
        setTimeout(() => {
          if (text === undefined)
            callback({ code: grpc.status.NOT_FOUND, details: 'no such secret' });
          else callback(null, { name, payload: { data: Buffer.from(text) } });
        }, delay);
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
      else secrets.set(name, text);
    },
    slowBy: (millis) => {
      delay = millis;
    },
    close: () => server.forceShutdown(),
  };
}
