import { protos } from '@google-cloud/spanner';
import { type ClientOptions, grpc } from 'google-gax';
import type { Grants } from '../spanner/grants.ts';
import { ACCOUNTS, type Actor, ROLE_OF } from '../subject.ts';
import { ofCommit, ofRead, ofSql, type Request, type Touch } from './touches.ts';

const { CreateSessionRequest, Session } = protos.google.spanner.v1;
const { TestIamPermissionsRequest, TestIamPermissionsResponse } = protos.google.iam.v1;

export type Caller = { readonly actor: Actor; readonly role: string | undefined };

/** How this Spanner differs from one that obeys the grants. */
export type Fault = {
  /** Of a session: whether the caller may do this, when the grants say `granted`. */
  readonly mayTouch?: (caller: Caller, touch: Touch, granted: boolean) => boolean;
  readonly mayBe?: (caller: Caller, granted: boolean) => boolean;
  readonly mayChangeSchema?: (actor: Actor) => boolean;
  /** IAM permissions that an account holds on the database. */
  readonly holds?: (actor: Actor) => readonly string[];
  /** What every request of some is answered. */
  readonly always?: (actor: Actor) => keyof typeof grpc.status | undefined;
};

/**
 * A stand-in for what the Spanner emulator lacks: database roles and IAM. It stands in front of the emulator, speaks Spanner's
 * own protocol, refuses what the grants do not give, and hands on all else, so that what is allowed really happens. Who calls
 * is told by the port that is called: nobody has a token here.
 */
export type SpannerStandIn = {
  readonly optionsFor: (actor: Actor) => ClientOptions;
  readonly misbehave: (fault: Fault) => void;
  readonly close: () => void;
};

type Call = grpc.ServerUnaryCall<Buffer, Buffer>;
type Refusal = { readonly code: grpc.status; readonly details: string };

const SPANNER = '/google.spanner.v1.Spanner';
const METHODS = {
  createSession: `${SPANNER}/CreateSession`,
  deleteSession: `${SPANNER}/DeleteSession`,
  executeSql: `${SPANNER}/ExecuteSql`,
  read: `${SPANNER}/Read`,
  beginTransaction: `${SPANNER}/BeginTransaction`,
  commit: `${SPANNER}/Commit`,
  rollback: `${SPANNER}/Rollback`,
  updateDatabaseDdl: '/google.spanner.admin.database.v1.DatabaseAdmin/UpdateDatabaseDdl',
  testIamPermissions: '/google.spanner.admin.database.v1.DatabaseAdmin/TestIamPermissions',
  getOperation: '/google.longrunning.Operations/GetOperation',
} as const;
type Method = keyof typeof METHODS;

/** @param emulator host:port */
export async function startSpannerStandIn(
  emulator: string,
  grants: Grants,
): Promise<SpannerStandIn> {
  let fault: Fault = {};
  const callers = new Map<string, Caller>();
  const actors = new Map<string, Actor>();
  const actorOf = (call: Call): Actor => actors.get(call.getHost()) ?? 'owner';
  const behind = new grpc.Client(emulator, grpc.credentials.createInsecure());

  const refuse = (details: string): Refusal => ({ code: grpc.status.PERMISSION_DENIED, details });

  const refusalOf = (method: Method, call: Call): Refusal | undefined => {
    const actor = actorOf(call);
    const always = fault.always?.(actor);
    if (always !== undefined) return { code: grpc.status[always], details: 'the stand-in says so' };
    if (method === 'createSession') {
      const role = CreateSessionRequest.decode(call.request).session?.creatorRole || undefined;
      const granted =
        actor === 'owner' || role === undefined || (ROLE_OF[actor] as string | undefined) === role;
      const exists = role === undefined || grants.roles.includes(role);
      const may = fault.mayBe?.({ actor, role }, granted && exists) ?? (granted && exists);
      return may ? undefined : refuse('the caller may not be this role');
    }
    if (method === 'updateDatabaseDdl')
      return actor === 'owner' || fault.mayChangeSchema?.(actor)
        ? undefined
        : refuse('IAM permission spanner.databases.updateDdl');
    const request = requestOf(method, call.request);
    return request && refusalOfTouches(request);
  };

  const refusalOfTouches = ({ session, touches }: Request): Refusal | undefined => {
    const caller = callers.get(session);
    if (!caller) return { code: grpc.status.NOT_FOUND, details: 'no such session' };
    for (const touch of touches) {
      const granted = isGranted(caller, touch);
      if (!(fault.mayTouch?.(caller, touch, granted) ?? granted))
        return refuse(`Role ${caller.role} does not have required privileges on ${touch.table}.`);
    }
    return undefined;
  };

  const isGranted = ({ actor, role }: Caller, { table, needs }: Touch): boolean =>
    role === undefined ? actor === 'owner' : needs.every((need) => grants.may(role, table, need));

  const handle =
    (method: Method) =>
    (call: Call, callback: (error: Refusal | null, bytes?: Buffer) => void): void => {
      const refusal = refusalOf(method, call);
      if (refusal) {
        callback(refusal);
        return;
      }
      if (method === 'testIamPermissions') {
        // The emulator has no IAM.
        const { permissions } = TestIamPermissionsRequest.decode(call.request);
        const actor = actorOf(call);
        const held = fault.holds?.(actor) ?? (actor === 'owner' ? permissions : []);
        const answer = { permissions: permissions.filter((name) => held.includes(name)) };
        callback(null, Buffer.from(TestIamPermissionsResponse.encode(answer).finish()));
        return;
      }
      behind.makeUnaryRequest<Buffer, Buffer>(
        METHODS[method],
        same,
        same,
        call.request,
        (error, bytes) => {
          if (method === 'createSession' && bytes) {
            const role = CreateSessionRequest.decode(call.request).session?.creatorRole;
            const caller = { actor: actorOf(call), role: role || undefined };
            callers.set(Session.decode(bytes).name, caller);
          }
          callback(error, bytes);
        },
      );
    };

  const server = new grpc.Server();
  for (const method of Object.keys(METHODS) as Method[])
    server.addService({ [method]: definitionOf(METHODS[method]) }, { [method]: handle(method) });
  const ports = new Map<Actor, number>();
  for (const actor of ['owner', ...ACCOUNTS] as const) {
    const port = await bind(server);
    ports.set(actor, port);
    actors.set(`127.0.0.1:${port}`, actor);
  }
  return {
    optionsFor: (actor) => ({
      servicePath: '127.0.0.1',
      port: ports.get(actor) ?? 0,
      sslCreds: grpc.credentials.createInsecure(),
      projectId: 'vantio-local',
    }),
    misbehave: (next) => {
      fault = next;
    },
    close: () => {
      server.forceShutdown();
      behind.close();
    },
  };
}

function requestOf(method: Method, bytes: Buffer): Request | undefined {
  switch (method) {
    case 'executeSql':
      return ofSql(bytes);
    case 'read':
      return ofRead(bytes);
    case 'commit':
      return ofCommit(bytes);
    default:
      return undefined;
  }
}

const same = (bytes: Buffer): Buffer => bytes;

const definitionOf = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

const bind = (server: grpc.Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
