import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MILLIS = 5000;

/**
 * Sets the append-only attribute (`chattr +a`) on a closed ledger file, so that not even its owner can rewrite it.
 * Needs CAP_LINUX_IMMUTABLE and a filesystem that knows the attribute.
 * @returns why it could not, or undefined.
 */
export async function makeAppendOnly(path: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'chattr is a Linux tool';
  try {
    await run('chattr', ['+a', '--', path], { timeout: TIMEOUT_MILLIS });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown };
    if (code === 'ENOENT') return 'there is no chattr here';
    return /not supported|inappropriate ioctl/i.test(String(stderr))
      ? 'the filesystem does not know the attribute'
      : 'chattr was not permitted (it needs CAP_LINUX_IMMUTABLE)';
  }
}
