/**
 * The originals of what a test runner or a fake-timer library may replace later: taken when the library loads, which is
 * before any test of the host begins.
 */
const { performance, process: hostProcess } = globalThis;

export const now: () => number = performance.now.bind(performance);
export const dateNow: () => number = Date.now;
export const later = globalThis.setTimeout;
export const cancel = globalThis.clearTimeout;
export const soon = globalThis.setImmediate;
export const microtask = globalThis.queueMicrotask;
export const thisProcess = hostProcess;
export const env = hostProcess.env;
