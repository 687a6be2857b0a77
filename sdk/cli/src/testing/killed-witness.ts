import { readFileSync } from 'node:fs';
import { openState } from '../witness/state.ts';
import { readLogKeys } from '../witness/verifier-keys.ts';
import { createWitness } from '../witness/witness.ts';
import { readWitnessKey } from '../witness/witness-key.ts';

/** A witness that is killed where it would sign: KEY VKEY STATE CHECKPOINT, all files. */
const [keyFile = '', vkeyFile = '', stateDirectory = '', checkpointFile = ''] =
  process.argv.slice(2);
const witness = createWitness({
  logs: readLogKeys(vkeyFile),
  state: openState(stateDirectory),
  cosigner: {
    ...readWitnessKey(keyFile),
    cosign: () => {
      process.kill(process.pid, 'SIGKILL');
      throw new Error('a killed process went on');
    },
  },
  isBarred: () => false,
  now: () => 1,
});
witness.consider(readFileSync(checkpointFile, 'utf8'));
