#!/usr/bin/env node
// Read by every Node there is, so that an old one prints a sentence and not a stack: nothing here is newer than ES2015.
const version = process.versions.node.split('.').map(Number);

if (version[0] < 20 || (version[0] === 20 && version[1] < 12)) {
  process.stderr.write(
    'vantio: Node ' +
      process.versions.node +
      ' is too old; install Node 20.12 or newer, 24 if you can choose (https://nodejs.org).\n',
  );
  process.exitCode = 2;
} else {
  require('./start.js');
}
