// Refreshes the terminal capture in README.md from a real run: node scripts/demo/capture.ts
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const DIR = '.vantio/demo';
const PLACE = /(<!-- capture: [^\n]* -->\n)[\s\S]*?(<!-- end of capture -->)/;

rmSync(DIR, { recursive: true, force: true });
const { status, stdout, stderr } = spawnSync('scripts/start', ['--once', '--dir', DIR], {
  encoding: 'utf8',
  env: { ...process.env, COLUMNS: '110', NO_COLOR: '1' },
});
if (status !== 0) throw new Error(`scripts/start --once ended with ${status}\n${stdout}${stderr}`);

const plain = stdout.replace(/\x1b\[[0-9;]*m/g, '').trim();
const shown = `\`\`\`text\n$ ./scripts/start --once --dir ${DIR}\n${plain}\n\`\`\`\n`;
const readme = readFileSync('README.md', 'utf8');
if (!PLACE.test(readme)) throw new Error('README.md has no place for the capture');
writeFileSync(
  'README.md',
  readme.replace(PLACE, (_, head, tail) => `${head}${shown}${tail}`),
);
