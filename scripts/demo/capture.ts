// Refreshes the terminal captures in README.md from real runs, as root: node scripts/demo/capture.ts
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const DIR = '.vantio/demo';
const PLACE = /(<!-- capture: [^\n]* -->\n)[\s\S]*?(<!-- end of capture -->)/;
const KERNELS_PLACE = /(<!-- capture of the kernel: [^\n]* -->\n)[\s\S]*?(<!-- end of capture -->)/;
const KERNELS_STEP = /^\d+ {2}The kernel’s view[^\n]*\n([\s\S]*?)\n\n\d+ {2}/m;

function capture(...options: readonly string[]): string {
  rmSync(DIR, { recursive: true, force: true });
  const args = ['--once', ...options, '--dir', DIR];
  const { status, stdout, stderr } = spawnSync('scripts/start', args, {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '110', NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`scripts/start ended with ${status}\n${stdout}${stderr}`);
  return stdout.replace(/\x1b\[[0-9;]*m/g, '').replaceAll(process.cwd(), '…');
}

const whole = capture('--no-kernel').trim();
const [, step] = KERNELS_STEP.exec(capture()) ?? [];
if (step === undefined) throw new Error('the kernel’s view was left out: run it as root');

const block = (command: string, text: string): string =>
  `\`\`\`text\n$ ${command}\n${text}\n\`\`\`\n`;
const readme = readFileSync('README.md', 'utf8');
if (!PLACE.test(readme) || !KERNELS_PLACE.test(readme))
  throw new Error('README.md has no place for a capture');
writeFileSync(
  'README.md',
  readme
    .replace(
      PLACE,
      (_, head, tail) => head + block(`./scripts/start --once --dir ${DIR}`, whole) + tail,
    )
    .replace(
      KERNELS_PLACE,
      (_, head, tail) => head + block(`sudo ./scripts/start --once --dir ${DIR}`, step) + tail,
    ),
);
