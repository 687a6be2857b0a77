import { debug } from '../context/debug.ts';
import { env, thisProcess } from '../context/main-realm.ts';

const DEFAULT = '/run/vantio/agent.sock';
/** Beside the agent's socket of packets, which Node cannot open: one message a line. */
const STREAM = '.stream';

/** Where the machine's agent listens; undefined where there is none to speak to, or nobody is to speak. */
export function agentPath(): string | undefined {
  const path = env.VANTIO_AGENT_SOCKET || DEFAULT;
  if (thisProcess.platform !== 'linux' || path === 'off') return undefined;
  if (path.startsWith('/')) return path + STREAM;
  debug('VANTIO_AGENT_SOCKET is neither an absolute path nor off: nothing is told to an agent');
  return undefined;
}
