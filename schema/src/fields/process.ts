import { z } from 'zod';
import { hex, integer, lowerWord, printable, word } from './alphabets.ts';

const MAX_PID = 4_194_304;

export const EXEC_CALLS = [
  'execve',
  'execveat',
  'fexecve',
  'posix_spawn',
  'spawn',
  'fork',
  'exec',
  'unknown',
] as const;
export const OPEN_ACCESS = ['read', 'write', 'read_write', 'path'] as const;
export const OPEN_CALLS = ['open', 'openat', 'openat2', 'creat', 'io_uring', 'unknown'] as const;

export const processFields = {
  pid: integer(0, MAX_PID).describe('Process id as the process itself sees it.'),
  ppid: integer(0, MAX_PID).describe("Parent's process id, same namespace as pid."),
  host_pid: integer(0, MAX_PID).describe('Process id in the initial pid namespace.'),
  pid_ns: integer(0, 4_294_967_295).describe('Inode of the pid namespace.'),
  process_start: integer().describe(
    'Start of the process, USER_HZ ticks since boot (proc_pid_stat(5), field 22).',
  ),
  process_name: printable(64).describe('comm of the process; chosen by the agent.'),
  uid: integer(0, 4_294_967_295).describe(
    'Real user id of the process, in the initial user namespace.',
  ),
  gid: integer(0, 4_294_967_295).describe(
    'Real group id of the process, in the initial user namespace.',
  ),
  thread_id: integer(0, MAX_PID).describe(
    "Worker thread's number in its runtime, or kernel thread id.",
  ),
  node: lowerWord(253).describe('Name of the Kubernetes node or machine.'),
  cgroup_id: hex(16).describe('cgroup v2 id, 64 bits.'),
  container_id: hex(64).describe('Container id of the runtime.'),
  image_digest: hex(64).describe('SHA-256 digest of the container image.'),
  pod_uid: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .describe('Kubernetes pod uid.'),
  k8s_namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .describe('Kubernetes namespace.'),
  child_pid: integer(0, MAX_PID).describe('Process that was made.'),
  child_process_start: integer().describe('Start of the process that was made, as process_start.'),
  exec_call: z.enum(EXEC_CALLS).describe('How a program was started.'),
  exec_path_commit: hex(64).describe(
    'Commitment to the path of the program; field name "exec_path".',
  ),
  interpreter_path_commit: hex(64).describe(
    'Commitment to the path of the interpreter; field name "interpreter_path".',
  ),
  exec_sha256: hex(64).describe('SHA-256 of the file of the program.'),
  argc: integer(0, 4_294_967_295).describe('Number of arguments; never the arguments.'),
  exit_code: integer(0, 255).describe('Exit status.'),
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9+]{1,12}$/)
    .describe('Signal that ended it.'),
  file_path_commit: hex(64).describe('Commitment to the path of the file; field name "file_path".'),
  open_access: z.enum(OPEN_ACCESS).describe('Access asked for.'),
  open_call: z.enum(OPEN_CALLS).describe('System call that opened the file.'),
  agent_name_commit: hex(64).describe(
    'Commitment to the name of the shield; field name "agent_name".',
  ),
  capability: word(64).describe(
    'Thing that can or cannot be observed here, such as fetch or tls_write.',
  ),
  coverage: z
    .enum(['bytes_seen', 'connection_only', 'live', 'not_observable', 'unmeasured'])
    .describe('What the emitter sees of the capability.'),
};
