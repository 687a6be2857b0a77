import type { Detail } from '../record/observation.ts';
import { type Message, membersOf } from './json-rpc.ts';

/** How a call ended that was answered. The code of an error is a number that the server chose, never its message. */
export function endOf({ result, error }: Message): Detail {
  if (error !== undefined) return { outcome: 'error', error_code: codeOf(membersOf(error).code) };
  return membersOf(result).isError === true
    ? { outcome: 'error', error_code: 'TOOL_ERROR' }
    : { outcome: 'ok' };
}

/** JSON-RPC's own codes are negative, which a record's code cannot be: -32602 is JSONRPC_32602. */
const codeOf = (code: unknown): string =>
  Number.isSafeInteger(code) ? `JSONRPC_${Math.abs(code as number)}` : 'JSONRPC_ERROR';

/** The official SDK gives its error as the reason, whose code of a timeout is -32001 and in its second line REQUEST_TIMEOUT. */
export const endOfCancelled = (reason: unknown): Detail =>
  typeof reason === 'string' && /-32001|REQUEST_TIMEOUT|timed out/i.test(reason)
    ? { outcome: 'timeout', error_code: 'REQUEST_TIMEOUT' }
    : { outcome: 'aborted' };

export const CLOSED: Detail = { outcome: 'error', error_code: 'CONNECTION_CLOSED' };
