import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { runtime } from '@pulumi/pulumi';
import analyzerGrpc from '@pulumi/pulumi/proto/analyzer_grpc_pb.js';
import analyzer from '@pulumi/pulumi/proto/analyzer_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import type { Asked } from '../../policy/rules.ts';

export type Finding = {
  readonly policy: string;
  readonly level: 'mandatory' | 'advisory';
  readonly says: string;
};

export type PolicyPackServer = {
  /** What `--policy-pack-config` does. */
  readonly enforce: (policy: string) => Promise<void>;
  readonly judge: (resource: Asked) => Promise<readonly Finding[]>;
  readonly close: () => void;
};

const PACK = fileURLToPath(new URL('../../policy', import.meta.url));
/** What Pulumi's CLI starts for a policy pack in Node.js; it ships with the package. */
const RUNNER = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run-policy-pack');

/** Starts `infra/policy` as `pulumi preview --policy-pack` does, and asks it what the engine asks. */
export async function servePolicyPack(): Promise<PolicyPackServer> {
  const child = spawn(process.execPath, [RUNNER, 'no engine', '.'], {
    cwd: PACK,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = `127.0.0.1:${await firstLine(child)}`;
  const client = new analyzerGrpc.AnalyzerClient(address, grpc.credentials.createInsecure());
  const { MANDATORY } = analyzer.EnforcementLevel;
  return {
    enforce: async (policy) => {
      const config = new analyzer.PolicyConfig();
      config.setEnforcementlevel(MANDATORY);
      config.setProperties(new struct.Struct());
      const request = new analyzer.ConfigureAnalyzerRequest();
      request.getPolicyconfigMap().set(policy, config);
      await answerTo((reply) => client.configure(request, reply));
    },
    judge: async ({ type, inputs }) => {
      const request = new analyzer.AnalyzeRequest();
      request.setType(type);
      request.setOptions(new analyzer.AnalyzerResourceOptions());
      // As the program's own runtime sends it, archives and all.
      const values = await runtime.serializeProperties(type, inputs);
      request.setProperties(struct.Struct.fromJavaScript(values));
      const answer = await answerTo<analyzer.AnalyzeResponse>((reply) =>
        client.analyze(request, reply),
      );
      return answer.getDiagnosticsList().map((found) => ({
        policy: found.getPolicyname(),
        level: found.getEnforcementlevel() === MANDATORY ? 'mandatory' : 'advisory',
        says: found.getMessage(),
      }));
    },
    close: () => {
      client.close();
      child.kill();
    },
  };
}

const answerTo = <T>(ask: (reply: (error: Error | null, answer: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) =>
    ask((error, answer) => (error ? reject(error) : resolve(answer))),
  );

/** The port, which is all that the CLI reads, too. */
async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the pack has no output');
  const lines = createInterface({ input: stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    once(lines, 'close').then(() => {
      throw new Error('the pack ended before it listened');
    }),
  ]);
  return String(line);
}
