import { escaped, fit, type Written } from './fit.ts';

const PLAIN = /^[ -[\]-~]$/;

/** `process_name` of the bytes of a name, which the process chose; undefined when there are none. */
export const writtenProcessName = (bytes: Uint8Array): Written | undefined =>
  bytes.length === 0 ? undefined : fit(escaped(bytes, PLAIN, '\\x'), 64);
