export type ClockOptions = {
  readonly run: () => Promise<void>;
  /** From one start to the next, at least. */
  readonly intervalMillis: number;
  /** After a run that failed. */
  readonly retryMillis: number;
  /** @returns whether it is to be tried again. */
  readonly onFault: (error: unknown) => boolean;
};

/** Runs something when it is told that there is work, one run at a time and not too often; once more at the end. */
export function runByClock({ run, intervalMillis, retryMillis, onFault }: ClockOptions) {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isDue = false;
  let isEnded = false;
  let next = 0;

  const once = async (): Promise<void> => {
    isDue = false;
    next = performance.now() + intervalMillis;
    try {
      await run();
    } catch (error) {
      isEnded ||= !onFault(error);
      isDue = true;
      next = performance.now() + retryMillis;
    }
  };

  const schedule = (): void => {
    if (isEnded || !isDue || timer !== undefined || running !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        running = once().finally(() => {
          running = undefined;
          schedule();
        });
      },
      Math.max(0, next - performance.now()),
    );
    timer.unref();
  };

  return {
    poke: (): void => {
      isDue = true;
      schedule();
    },
    close: async (): Promise<void> => {
      clearTimeout(timer);
      timer = undefined;
      const wasEnded = isEnded;
      isEnded = true;
      await running;
      if (!wasEnded) await once();
    },
  };
}
