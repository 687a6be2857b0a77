const INTERVAL_MILLIS = 500;

/**
 * Looks again and again until it has seen enough, or waited long enough.
 * @returns what it saw last.
 */
export async function until<T>(options: {
  readonly look: () => Promise<T>;
  readonly enough: (seen: T) => boolean;
  /** Milliseconds. */
  readonly patience: number;
  readonly sleep: (millis: number) => Promise<void>;
}): Promise<T> {
  const { look, enough, patience, sleep } = options;
  for (let waited = 0; ; waited += INTERVAL_MILLIS) {
    const seen = await look();
    if (enough(seen) || waited >= patience) return seen;
    await sleep(INTERVAL_MILLIS);
  }
}
