import * as grpc from '@grpc/grpc-js';
import engineGrpc from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engine from '@pulumi/pulumi/proto/engine_pb.js';
import resourceGrpc from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import resource from '@pulumi/pulumi/proto/resource_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import { callOf, stateOf } from './mocks.ts';

/** A resource as the engine is asked to make it: what decides whether `pulumi destroy` may touch it is here. */
export type Registered = {
  readonly type: string;
  readonly name: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** What must stand before it, as `Type name`. */
  readonly after: readonly string[];
  /** Services of the project that were asked for and not yet on when this was asked. */
  readonly servicesPending: number;
};

export type Engine = {
  readonly address: string;
  readonly registered: readonly Registered[];
  readonly logs: readonly string[];
  readonly close: () => void;
};

type Reply<T> = grpc.sendUnaryData<T>;
type Values = Record<string, struct.JavaScriptValue>;

/** The two services that Pulumi's CLI offers to a running program, over its own protocol; Google Cloud is left out. */
export async function startEngine(): Promise<Engine> {
  const registered: Registered[] = [];
  const logs: string[] = [];
  const state = { root: '', servicesPending: 0 };
  const done = (_: unknown, reply: Reply<empty.Empty>): void => reply(null, new empty.Empty());

  const monitor = {
    supportsFeature: (_: unknown, reply: Reply<resource.SupportsFeatureResponse>): void => {
      const answer = new resource.SupportsFeatureResponse();
      answer.setHassupport(true);
      reply(null, answer);
    },
    registerResource: (
      { request }: { readonly request: resource.RegisterResourceRequest },
      reply: Reply<resource.RegisterResourceResponse>,
    ): void => {
      const [type, name] = [request.getType(), request.getName()];
      registered.push({
        type,
        name,
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        ignoreChanges: request.getIgnorechangesList(),
        after: request.getDependenciesList().map(shortOf),
        servicesPending: state.servicesPending,
      });
      const isService = type === SERVICE;
      if (isService) state.servicesPending += 1;
      const made = stateOf(type, name, (request.getObject()?.toJavaScript() ?? {}) as Values);
      const answer = new resource.RegisterResourceResponse();
      answer.setUrn(`urn:pulumi:test::vantio::${type}::${name}`);
      if (request.getCustom()) {
        answer.setId(made.id);
        answer.setObject(struct.Struct.fromJavaScript(made.state as Values));
      }
      // Switching a service on is slow, so that what does not wait for it comes too early.
      setTimeout(
        () => {
          if (isService) state.servicesPending -= 1;
          reply(null, answer);
        },
        isService ? 500 : 1,
      );
    },
    registerResourceOutputs: done,
    registerStackTransform: done,
    registerStackInvokeTransform: done,
    signalAndWaitForShutdown: done,
    invoke: (
      { request }: { readonly request: resource.ResourceInvokeRequest },
      reply: Reply<resource.ResourceInvokeResponse>,
    ): void => {
      registered.push({
        ...PLAIN,
        type: request.getTok(),
        name: '',
        servicesPending: state.servicesPending,
      });
      const answer = new resource.ResourceInvokeResponse();
      answer.setReturn(struct.Struct.fromJavaScript(callOf(request.getTok()) as Values));
      reply(null, answer);
    },
  };
  const engineService = {
    log: (
      { request }: { readonly request: engine.LogRequest },
      reply: Reply<empty.Empty>,
    ): void => {
      if (request.getSeverity() !== engine.LogSeverity.DEBUG) logs.push(request.getMessage());
      reply(null, new empty.Empty());
    },
    getRootResource: (_: unknown, reply: Reply<engine.GetRootResourceResponse>): void => {
      const answer = new engine.GetRootResourceResponse();
      answer.setUrn(state.root);
      reply(null, answer);
    },
    setRootResource: (
      { request }: { readonly request: engine.SetRootResourceRequest },
      reply: Reply<engine.SetRootResourceResponse>,
    ): void => {
      state.root = request.getUrn();
      reply(null, new engine.SetRootResourceResponse());
    },
  };
  const server = new grpc.Server();
  server.addService(resourceGrpc.ResourceMonitorService, monitor);
  server.addService(engineGrpc.EngineService, engineService);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, registered, logs, close: () => server.forceShutdown() };
}

const shortOf = (urn: string): string => urn.split(':').filter(Boolean).slice(-2).join(' ');
const SERVICE = 'gcp:projects/service:Service';
const PLAIN = { protect: false, retainOnDelete: false, ignoreChanges: [], after: [] };
