import type { Target } from '../fuzz.ts';
import { bundle } from './bundle.ts';
import { checkpoint } from './checkpoint.ts';
import { cosignature } from './cosignature.ts';
import { ledgerLine } from './ledger-line.ts';
import { note } from './note.ts';
import { hostForms, policy, policyEnvelope } from './policy.ts';
import { receipt } from './receipt.ts';
import { record } from './record.ts';
import { redaction } from './redaction.ts';
import { rotation } from './rotation.ts';
import { tilePaths } from './tile-path.ts';
import { tlogProof } from './tlog-proof.ts';
import { verifierKey } from './verifier-key.ts';

export const TARGETS: readonly Target[] = [
  note,
  checkpoint,
  cosignature,
  verifierKey,
  rotation,
  tilePaths,
  bundle,
  tlogProof,
  ledgerLine,
  record,
  redaction,
  receipt,
  policy,
  policyEnvelope,
  hostForms,
];
