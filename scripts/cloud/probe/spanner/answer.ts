import { grpc } from 'google-gax';

export type Code = keyof typeof grpc.status;

/** How a service answered one request. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly code: Code; readonly said: string };

const SAID_CHARACTERS = 160;
const NAMES = new Map<unknown, Code>(
  Object.entries(grpc.status).flatMap(([name, code]) =>
    typeof code === 'number' ? [[code, name as Code] as const] : [],
  ),
);

/** Waits for a request. What fails without a gRPC code, as a token that could not be had, is UNKNOWN: nothing is learned. */
export async function answerOf<T>(asked: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'done', value: await asked() };
  } catch (error) {
    const { code, details, message } = (error ?? {}) as {
      readonly code?: unknown;
      readonly details?: unknown;
      readonly message?: unknown;
    };
    const text = typeof details === 'string' && details !== '' ? details : String(message ?? error);
    const said = text.replaceAll(/\s+/g, ' ').slice(0, SAID_CHARACTERS);
    return { kind: 'failed', code: NAMES.get(code) ?? 'UNKNOWN', said };
  }
}

/** OK, or the code with the service's own words. The words are for people: nothing is decided by them. */
export const inWords = (answer: Answer<unknown>): string =>
  answer.kind === 'done' ? 'OK' : `${answer.code} (${answer.said})`;

export const codeOf = (answer: Answer<unknown>): Code =>
  answer.kind === 'done' ? 'OK' : answer.code;
