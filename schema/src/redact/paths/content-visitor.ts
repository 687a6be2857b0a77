import type { Provider } from '../body/body-facts.ts';
import { hintOf } from '../cues.ts';
import type { Visitor } from '../json/json-walker.ts';
import { isAddressKey, isFreeKey, isKeptKey } from './kept-keys.ts';
import { ADDRESS, type Place, ROOT } from './place.ts';
import { ROOTS } from './roots.ts';

/** Shows the strings of a request in which content of a user is. */
export function contentVisitor(
  provider: Provider,
  string: Visitor<Place>['string'],
): Visitor<Place> {
  const roots = ROOTS[provider];
  const rootMember = (key: string): Place | undefined => {
    if (roots === undefined) return contentMember(key);
    if (roots.content.has(key)) return { kind: 'content', hint: 0 };
    if (roots.free.has(key)) return { kind: 'free', hint: 0 };
    return roots.nested.has(key) ? ROOT : undefined;
  };
  const contentMember = (key: string): Place | undefined => {
    if (isKeptKey(key)) return undefined;
    if (isAddressKey(key)) return ADDRESS;
    return { kind: isFreeKey(key) ? 'free' : 'content', hint: hintOf(key) };
  };
  return {
    member: (place, key) => {
      if (place.kind === 'root') return rootMember(key);
      if (place.kind === 'address') return place;
      return place.kind === 'content' ? contentMember(key) : { kind: 'free', hint: hintOf(key) };
    },
    element: (place) => place,
    string: (place, start, end, hasEscape) => {
      if (place.kind !== 'root' || roots === undefined) string(place, start, end, hasEscape);
    },
  };
}
