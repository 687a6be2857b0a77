import { AsyncLocalStorage } from 'node:async_hooks';
import { keyOf, type Message, membersOf, messagesIn } from './json-rpc.ts';

/** Calls that guardMcp() has judged, while they are sent: below it they are not judged and recorded once more. */
let vouched: AsyncLocalStorage<ReadonlySet<string>> | undefined;

export function vouchedFor<T>(value: unknown, send: () => T): T {
  vouched ??= new AsyncLocalStorage();
  return vouched.run(new Set(messagesIn(value).map(markOf)), send);
}

export const isVouched = (message: Message): boolean =>
  vouched?.getStore()?.has(markOf(message)) === true;

/** What is sent from within an answer to one call is still not the same call. */
const markOf = (message: Message): string =>
  JSON.stringify([keyOf(message), membersOf(message.params).name]);
