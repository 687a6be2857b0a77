import type { Outgoing } from './body-guard.ts';

/** Whether the request carries a signature over its body or its length (AWS Signature Version 4), which a change would break. */
export const isSigned = ({ header }: Pick<Outgoing, 'header'>): boolean =>
  header('authorization')?.startsWith('AWS4-') === true;
