import type { SendCommand } from './monthly-counts.ts';

export type RedisConnection = { readonly send: SendCommand; readonly close: () => Promise<void> };

/** A request that Redis does not answer in this time goes on without it. */
const COMMAND_MILLIS = 250;

/**
 * One client for the process, connected at first use and again by itself. While it is away a command fails at once instead
 * of waiting in a queue: the caller has its own counts.
 */
export async function connectRedis(
  url: string,
  onError: (error: unknown) => void,
  commandMillis = COMMAND_MILLIS,
): Promise<RedisConnection> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: commandMillis,
    connectTimeout: 2000,
    retryStrategy: (retries) => Math.min(retries * 100, 3000),
  });
  client.on('error', onError);
  await Promise.race([
    client.connect().catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, commandMillis).unref()),
  ]);
  return {
    send: ([name = '', ...rest]) => client.call(name, ...rest),
    close: async () => client.disconnect(),
  };
}
