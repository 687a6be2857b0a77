/**
 * What one check found. `wrong` fails the doctor; `warn` is worth a look; `absent` is something this machine or
 * configuration does not have.
 */
export type Check = {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'wrong' | 'absent';
  readonly says: string;
  /** What to do about it. */
  readonly fix?: string;
};

export const check = (
  name: string,
  status: Check['status'],
  says: string,
  fix?: string,
): Check => ({ name, status, says, ...(fix === undefined ? {} : { fix }) });
