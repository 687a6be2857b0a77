import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';

export type Network = {
  readonly network: gcp.compute.Network;
  readonly subnetwork: gcp.compute.Subnetwork;
  /** Memorystore is reached over this; it must stand first. */
  readonly privateServices: gcp.servicenetworking.Connection;
};

/**
 * The functions' way out. It has no NAT and no route into the internet that works without one: from here, Google's own
 * services (private access) and Memorystore (peering) can be reached, and nothing else.
 */
export const makeNetwork = (context: Context): Network =>
  component(context, 'network', (inner) => {
    const { projectId: project, region } = inner.settings;
    const network = new gcp.compute.Network(
      'network',
      { name: 'vantio', autoCreateSubnetworks: false, routingMode: 'REGIONAL', project },
      under(inner),
    );
    const subnetwork = new gcp.compute.Subnetwork(
      'subnetwork',
      {
        name: 'vantio-functions',
        network: network.id,
        region,
        project,
        // Cloud Run takes up to two addresses for each instance.
        ipCidrRange: '10.8.0.0/22',
        privateIpGoogleAccess: true,
        logConfig: {
          aggregationInterval: 'INTERVAL_10_MIN',
          flowSampling: 0.1,
          metadata: 'EXCLUDE_ALL_METADATA',
        },
      },
      under(inner),
    );
    const range = new gcp.compute.GlobalAddress(
      'services-range',
      {
        name: 'vantio-services',
        purpose: 'VPC_PEERING',
        addressType: 'INTERNAL',
        prefixLength: 24,
        network: network.id,
        project,
      },
      under(inner),
    );
    const privateServices = new gcp.servicenetworking.Connection(
      'private-services',
      {
        network: network.id,
        service: 'servicenetworking.googleapis.com',
        reservedPeeringRanges: [range.name],
      },
      under(inner),
    );
    return { network, subnetwork, privateServices };
  });
