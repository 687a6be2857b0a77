import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets/targets.ts';

const NAMES = TARGETS.map(({ name }) => name).join(', ');

function refuse(why: string): never {
  console.error(
    `${why}: scripts/fuzz [NAME]… [--seconds S] [--seed N], where NAME is any of ${NAMES}`,
  );
  process.exit(64);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string' } },
    });
  } catch {
    return refuse('an option is not known, or lacks its value');
  }
}

const { values, positionals } = readArguments();
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
if (!(seconds > 0)) refuse('--seconds is not a number above 0');
if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
  refuse('--seed is not a whole number below 2^32');
const unknown = positionals.find((word) => TARGETS.every(({ name }) => name !== word));
if (unknown !== undefined) refuse(`${unknown} is no fuzzer`);

let isBroken = false;
for (const target of TARGETS) {
  if (positionals.length > 0 && !positionals.includes(target.name)) continue;
  console.log(`· ${target.name}: ${seconds} s, --seed ${seed}`);
  const { inputs, accepted, refusals, broken } = fuzz(target, seconds, seed);
  console.log(`  ${inputs} inputs, ${accepted} accepted, ${refusals} kinds of refusal`);
  if (broken === undefined) continue;
  isBroken = true;
  console.log(`  BROKEN by the last of them: ${JSON.stringify(broken.text)}`);
  console.log(`  ${broken.error instanceof Error ? broken.error.stack : String(broken.error)}`);
}
process.exit(isBroken ? 1 : 0);
