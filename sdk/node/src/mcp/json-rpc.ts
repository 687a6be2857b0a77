/** A JSON-RPC 2.0 message as far as it is looked at. The other end of the connection may have written it. */
export type Message = {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
};
export type Members = Readonly<Record<string, unknown>>;

/** One message, or the messages of a batch; what is no JSON-RPC is none. */
export const messagesIn = (value: unknown): readonly Message[] =>
  (Array.isArray(value) ? value : [value]).filter(isMessage);

const isMessage = (value: unknown): value is Message => membersOf(value).jsonrpc === '2.0';

export const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {};

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Ids are strings or numbers, and `1` is not `"1"`. */
export const keyOf = ({ id }: Message): string | undefined =>
  typeof id === 'string' || typeof id === 'number' ? JSON.stringify(id) : undefined;

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Stands for a message that is too long to be held: a call, as far as anybody can tell, of a tool that nobody can name. */
export const UNREAD_CALL = { jsonrpc: '2.0', method: 'tools/call' } as const;
