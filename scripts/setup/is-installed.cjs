// Exit status 0 when node_modules holds exactly what the lock file asks for on this platform.
// npm records what it has installed; comparing that is exact where a time stamp is not.
// Runs on whatever Node the machine has, so it stays at the language of Node 12.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages || {};
  } catch (_) {
    return {};
  }
}

const folder = process.argv[2] || '.';
const wanted = packagesOf(join(folder, 'package-lock.json'));
const present = packagesOf(join(folder, 'node_modules', '.package-lock.json'));

function isMissing(path) {
  if (!path.includes('node_modules/')) return false;
  const want = wanted[path];
  const have = present[path];
  if (!have) return !want.optional && !want.devOptional;
  return want.version !== have.version || want.integrity !== have.integrity;
}

const stale =
  Object.keys(wanted).length === 0 ||
  Object.keys(present).length === 0 ||
  Object.keys(wanted).some(isMissing) ||
  Object.keys(present).some((path) => !wanted[path]);
process.exitCode = stale ? 1 : 0;
