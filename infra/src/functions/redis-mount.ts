import type { Context } from '../context.ts';
import type { RedisVersions, Secrets } from '../secrets/secrets.ts';

const FOLDER = '/etc/vantio/redis';
const FILE = 'ca.pem';

/**
 * How a function that counts gets at Redis: the URL, which holds a password, as an environment secret, and Memorystore's
 * own certificate authority as a file that Node trusts beside the usual ones.
 */
export const redisMount = ({ settings }: Context, secrets: Secrets, versions: RedisVersions) => ({
  environment: { NODE_EXTRA_CA_CERTS: `${FOLDER}/${FILE}` },
  secretEnvironmentVariables: [
    {
      key: 'REDIS_URL',
      projectId: settings.projectId,
      secret: secrets['redis-url'].secretId,
      version: versions['redis-url'],
    },
  ],
  secretVolumes: [
    {
      mountPath: FOLDER,
      projectId: settings.projectId,
      secret: secrets['redis-ca'].secretId,
      versions: [{ path: FILE, version: versions['redis-ca'] }],
    },
  ],
});
