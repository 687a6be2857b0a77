/** A value that is loaded when asked for, and again before it is too old. */
export type Refreshed<T> = () => Promise<T>;

export type RefreshedOptions<T> = {
  readonly load: () => Promise<T>;
  /** Past this age the value is loaded anew while the old one still serves. */
  readonly freshMillis?: number;
  /** Past this age it does not serve: whoever asks waits for the new one, or fails. */
  readonly maxMillis?: number;
  readonly now?: () => number;
};

/**
 * Refreshed by requests and not by a timer: between requests an instance has no CPU. One load at a time, whoever asks.
 * @throws what `load` throws, when the value at hand is too old.
 */
export function createRefreshed<T>(options: RefreshedOptions<T>): Refreshed<T> {
  const { load, freshMillis = 30_000, maxMillis = 60_000, now = Date.now } = options;
  let held: { readonly value: T; readonly at: number } | undefined;
  let loading: Promise<T> | undefined;

  const refresh = (): Promise<T> => {
    const at = now();
    loading ??= load()
      .then((value) => {
        held = { value, at };
        return value;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };

  return async () => {
    if (held === undefined) return refresh();
    const age = now() - held.at;
    if (age >= maxMillis) return refresh();
    // The old value serves; a failure comes to light when it is too old.
    if (age >= freshMillis) refresh().catch(() => {});
    return held.value;
  };
}
