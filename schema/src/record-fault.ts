import { shapeFault } from './generated/validate-record.ts';
import type { AuditRecord } from './record.ts';
import { type Fault, ruleFault } from './rules.ts';

/**
 * What is wrong with a record, or undefined: the fast twin of `recordSchema`, which also asks that members stand in
 * canonical order. Says which field; quotes no value. Attacker-controlled.
 */
export const recordFault = (value: unknown): Fault | undefined =>
  shapeFault(value) ?? ruleFault(value as AuditRecord);
