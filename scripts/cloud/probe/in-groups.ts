/** `A, B: reason; C: another`, each reason once. */
export function inGroups(all: readonly (readonly [what: string, because: string])[]): string {
  const groups = new Map<string, string[]>();
  for (const [what, because] of all) groups.set(because, [...(groups.get(because) ?? []), what]);
  return [...groups].map(([because, whats]) => `${whats.join(', ')}: ${because}`).join('; ');
}
