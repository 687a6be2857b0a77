/**
 * One function by the entry that is deployed, alone in a process: node serve-function.js NAME. Says its port on the first
 * line. VANTIO_TEST_CLOCK_MINUTES sets its clock wrong by so much. Lives until its standard input ends.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { getTestServer } from '@google-cloud/functions-framework/testing';

const wrongBy = Number(process.env.VANTIO_TEST_CLOCK_MINUTES ?? 0) * 60_000;
if (wrongBy !== 0) {
  const { now } = Date;
  const RightDate = Date;
  Date.now = () => now() + wrongBy;
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, values) =>
      values.length === 0 ? new target(Date.now()) : Reflect.construct(target, values),
  });
}

// As the framework does where it is deployed; the test server that stands for it here leaves it out.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    process.stderr.write(`${event}: ${error instanceof Error ? error.message : 'unknown'}\n`);
    process.exit(1);
  });

const [name = ''] = process.argv.slice(2);
await import(`../entries/${name}.js`);
const server = getTestServer(name).listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
process.stdin.resume().once('end', () => process.exit());
