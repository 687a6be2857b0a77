import { z } from 'zod';
import { hex, integer, lowerWord, word } from './alphabets.ts';

export const LOSS_REASONS = [
  'crash',
  'decode_error',
  'quota',
  'queue_full',
  'rate_budget',
  'refused',
  'ring_full',
  'spool_full',
  'spool_unwritable',
] as const;

export const lifecycleFields = {
  session_public_key: hex(64).describe('Ed25519 public key of the session, raw.'),
  session_sig: hex(128).describe(
    'Ed25519 signature of the session key over this record (see Sessions).',
  ),
  session_root_key: hex(64).describe(
    'Ed25519 public key of the customer that certifies the session key.',
  ),
  session_root_sig: hex(128).describe('Its signature over the session key (see Sessions).'),
  parent_session_id: hex(32).describe(
    'Session that this one was started from: a worker thread, a fork.',
  ),
  emitter: lowerWord(64).describe('Name of the emitting package.'),
  emitter_version: word(64).describe('Version of the emitting package.'),
  runtime: word(64).describe('Runtime and version, such as node/24.21.0.'),
  os: lowerWord(32).describe('Operating system.'),
  boot_id: hex(32).describe('Boot of the machine that process_start counts from.'),
  arch: lowerWord(32).describe('Processor architecture.'),
  kernel_release: word(128).describe('Release of the kernel.'),
  end_reason: z.enum(['exit', 'shutdown', 'signal', 'rotation']).describe('Why the session ended.'),
  lost_events: integer(1).describe('Events that were not recorded.'),
  loss_reason: z.enum(LOSS_REASONS).describe('Why.'),
  lost_event_type: lowerWord(64).describe(
    'event_type of the lost events, when all are of one type.',
  ),
  blind_reason: z
    .enum(['attach_failed', 'killed', 'restart', 'suspended', 'upgrade'])
    .describe('Why nothing was seen from first_at to last_at.'),
};
