import type { Written } from '@vantio/schema/written/fit';
import type { Detail } from './observation.ts';

/** A value as a record holds it, which says beside it when it was cut. */
export function fieldOf(name: keyof Detail, written: Written | undefined): Detail {
  if (written === undefined) return {};
  const { text, ...cut } = written;
  return { [name]: text, ...cut };
}
