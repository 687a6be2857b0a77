import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import type { CloudFunction } from '../functions/cloud-function.ts';

/** One function behind the load balancer. */
export function makeBackend(
  context: Context,
  name: 'config' | 'ingest' | 'log',
  target: CloudFunction,
  armor: gcp.compute.SecurityPolicy,
): gcp.compute.BackendService {
  const { projectId: project, region, profile } = context.settings;
  const group = new gcp.compute.RegionNetworkEndpointGroup(
    `endpoints-${name}`,
    {
      name: `vantio-${name}`,
      region,
      project,
      networkEndpointType: 'SERVERLESS',
      cloudRun: { service: target.name },
    },
    under(context),
  );
  return new gcp.compute.BackendService(
    `backend-${name}`,
    {
      name: `vantio-${name}`,
      project,
      protocol: 'HTTPS',
      loadBalancingScheme: 'EXTERNAL_MANAGED',
      backends: [{ group: group.id }],
      securityPolicy: armor.id,
      // Metadata only. No header is named here: the key is in one.
      logConfig: { enable: true, sampleRate: profile.balancerLogShare },
    },
    under(context),
  );
}
