/** The verifier has one thread in a browser, which may be a worker: it starts none. */
export const isMainThread = true;
export const workerData = undefined;
export const Worker = undefined;
