export type PreloadFlag = '--require' | '--import';

/**
 * NODE_OPTIONS with our preload after what was there. A value in quotes may hold spaces; within them a backslash escapes
 * (Node's documentation, "NODE_OPTIONS").
 */
export function withPreload(
  existing: string | undefined,
  flag: PreloadFlag,
  target: string,
): string {
  const before = existing?.trim() ?? '';
  const option = `${flag}=${quote(target)}`;
  // Within another `vantio run`: loading twice would do no harm, but the line must not grow with each.
  if (before.split(/\s+(?=--)/).includes(option)) return before;
  return before === '' ? option : `${before} ${option}`;
}

const quote = (value: string): string =>
  /[\s"\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
