let undici = false;

/**
 * undici tells that it is about to connect and then makes the socket in the same stretch of synchronous code; that is
 * how a socket of its is known even when the connection fails.
 */
export const connecting = {
  byUndici(): void {
    if (undici) return;
    undici = true;
    queueMicrotask(() => {
      undici = false;
    });
  },
  isUndici: (): boolean => undici,
};
