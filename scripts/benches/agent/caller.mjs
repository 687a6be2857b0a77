// A program under observe that calls a server when it is told to: `caller.mjs URL`. For each line that it is given, a number of calls, it
// prints what one of them took: microseconds, and microseconds of processor time.
import { createInterface } from 'node:readline';
import { flush, shield } from '@vantio/agent-sdk';

const [url] = process.argv.slice(2);
const call = shield('call', async () => (await fetch(url)).arrayBuffer());
const cpuNow = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const calls = Number(line);
  const [start, before] = [process.hrtime.bigint(), cpuNow()];
  for (let made = 0; made < calls; made++) await call();
  const [wall, cpu] = [Number(process.hrtime.bigint() - start) / 1000, cpuNow() - before];
  await flush();
  console.log(JSON.stringify({ wall: wall / calls, cpu: cpu / calls }));
}
