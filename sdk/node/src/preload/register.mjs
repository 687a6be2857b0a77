import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

// An import of a file that is gone would end the program; this can be caught.
try {
  createRequire(import.meta.url)('./register.cjs');
} catch (error) {
  try {
    if (process.env.VANTIO_DEBUG === '1')
      writeSync(2, `vantio: the library could not be loaded (${error?.code})\n`);
  } catch {
    // There is nowhere left to tell it.
  }
}
