import type { Letter } from '@vantio/functions/cloud';
import { formatBytes, plural } from '../terminal/quantities.ts';
import type { Screen } from '../terminal/screen.ts';

/** Tenant, key and counts are what the letter says of itself. */
export const letterJson = ({
  messageId,
  sourceMessageId,
  reason,
  deliveries,
  deadSince,
  bytes,
  claims,
}: Letter) => ({
  message_id: messageId,
  ...(sourceMessageId === undefined ? {} : { source_message_id: sourceMessageId }),
  reason,
  dead_since: new Date(deadSince).toISOString(),
  bytes,
  ...(deliveries === undefined ? {} : { deliveries }),
  ...claims,
});

/** @param now milliseconds since 1970. */
export function letterLine(letter: Letter, { safe }: Screen, now: number): string {
  const { messageId, reason, deadSince, bytes, claims } = letter;
  const whose =
    claims === undefined
      ? 'not of our form'
      : `${safe(claims.tenant_id)}  ${plural(claims.records, 'record')}`;
  return `${safe(messageId)}  ${safe(reason)}  ${whose}  ${formatBytes(bytes)}  ${formatAge(now - deadSince)}`;
}

const STEPS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** Two clocks meet here; what is not in the past yet is now. */
export function formatAge(millis: number): string {
  for (const [unit, size] of STEPS)
    if (millis >= size) return `${Math.floor(millis / size)} ${unit} ago`;
  return 'just now';
}
