import { openRotation, type Rotation } from '@vantio/schema/tlog/rotation';
import type { LogFiles } from './log-files.ts';

export const rotationPath = (number: number): string => `rotations/${number}`;

/**
 * How the keys of a log took over from each other, in order.
 * @throws {TlogError} if a note is damaged.
 */
export async function readRotations(files: LogFiles): Promise<readonly Rotation[]> {
  const rotations: Rotation[] = [];
  for (;;) {
    const bytes = await files.read(rotationPath(rotations.length + 1));
    if (bytes === undefined) return rotations;
    rotations.push(openRotation(Buffer.from(bytes).toString('utf8')));
  }
}
