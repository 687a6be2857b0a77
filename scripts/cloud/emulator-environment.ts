import type { Emulator } from './emulator-commands.ts';

/**
 * What clients need to find the emulators. The Spanner emulator has no multiplexed sessions, and no client here is to look
 * for a metadata server or a project of its own.
 */
export function environmentOf(
  portOf: (name: Emulator['name']) => number | undefined,
): Readonly<Record<string, string>> {
  const host = (name: Emulator['name'], next = 0): string =>
    `127.0.0.1:${(portOf(name) ?? Number.NaN) + next}`;
  return {
    SPANNER_EMULATOR_HOST: host('spanner'),
    SPANNER_EMULATOR_REST: `http://${host('spanner', 1)}`,
    PUBSUB_EMULATOR_HOST: host('pubsub'),
    REDIS_URL: `redis://${host('redis')}`,
    GOOGLE_CLOUD_PROJECT: 'vantio-local',
    METADATA_SERVER_DETECTION: 'none',
    GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: 'false',
    GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: 'false',
    GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: 'false',
  };
}
