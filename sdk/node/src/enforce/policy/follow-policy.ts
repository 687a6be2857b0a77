import { debug } from '../../context/debug.ts';
import { env } from '../../context/main-realm.ts';
import { tellStderr } from '../../context/stderr.ts';
import { controlPlaneUrl, keyFault } from '../../emit/config.ts';
import type { PolicySource } from '../config.ts';
import { followCloud } from './follow-cloud.ts';
import { applyPolicyFile } from './policy-file.ts';
import { tellPolicyState } from './policy-state.ts';

export type Following = { stop(): void };

const NOTHING: Following = { stop: () => undefined };

/** Brings a source's policy into force and keeps it there. */
export function followPolicy(source: PolicySource): Following {
  if (source.kind === 'file') {
    applyPolicyFile(source.path);
    return NOTHING;
  }
  const apiKey = env.VANTIO_API_KEY;
  const url = controlPlaneUrl('config');
  const fault = keyFault(apiKey) ?? (typeof url === 'string' ? url : undefined);
  if (fault === undefined && apiKey && typeof url !== 'string') return followCloud(url, apiKey);
  tellStderr(`${fault}: no policy can be had, calls are only observed`);
  debug('VANTIO_CLOUD_INGEST=true without a key or a control plane');
  tellPolicyState('POLICY_UNAVAILABLE', { reason_code: 'environment' });
  return NOTHING;
}
