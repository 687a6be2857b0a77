import { type Answer, type Code, codeOf, inWords } from './answer.ts';

/** What a request showed about whoever sent it. */
export type Judgement =
  | { readonly kind: 'allowed'; readonly because: string }
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'unclear'; readonly because: string };

/**
 * Whether a request was refused for want of a right. The same request is sent once by the owner, who lacks none: only if it
 * is understood from the owner, and PERMISSION_DENIED to the other, is the difference who asked. A misspelt table, a
 * database that is away or a token that nobody takes is refused too, and shows nothing.
 * @param understood codes of a request that is valid and permitted; none of them changes anything.
 */
export function judge(
  understood: readonly Code[],
  owner: Answer<unknown>,
  asked: Answer<unknown>,
): Judgement {
  if (!understood.includes(codeOf(owner)))
    return {
      kind: 'unclear',
      because: `the owner's same request, which should be answered ${understood.join(' or ')}, was answered ${inWords(owner)}`,
    };
  if (codeOf(asked) === 'PERMISSION_DENIED')
    return {
      kind: 'refused',
      because: `PERMISSION_DENIED; the owner's same request was answered ${codeOf(owner)}`,
    };
  if (understood.includes(codeOf(asked)))
    return {
      kind: 'allowed',
      because: `answered ${codeOf(asked)}, as one is who may`,
    };
  return {
    kind: 'unclear',
    because: `refused for another reason than a missing right: ${inWords(asked)}`,
  };
}
