/** What is still to be recorded when the process ends, or recording does; each is called once, and must not throw. */
export const lastWords = new Set<() => void>();

export function sayLastWords(): void {
  for (const say of lastWords) say();
}
