import type { Outgoing } from './body-guard.ts';

/** Whether the request carries a signature over its body (AWS Signature Version 4), which a change would break. */
export function isSigned({ header }: Pick<Outgoing, 'header'>): boolean {
  if (header('authorization')?.startsWith('AWS4-') !== true) return false;
  return header('x-amz-content-sha256') !== 'UNSIGNED-PAYLOAD';
}
