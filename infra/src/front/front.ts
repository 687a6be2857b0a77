import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { type Context, component, LABELS, under } from '../context.ts';
import type { Functions } from '../functions/functions.ts';
import { makeArmor } from './armor.ts';
import { makeBackend } from './backend.ts';

/** schema/log.md, section 3. */
const LOG_PATHS = [
  '/api/v1/checkpoint',
  '/api/v1/checkpoints/*',
  '/api/v1/consistency/*',
  '/api/v1/cosignatures',
  '/api/v1/proof/*',
  '/api/v1/rotations/*',
  '/api/v1/tile/*',
];

/** The one way in: a global address, TLS with a managed certificate, Cloud Armor, three functions. No port 80: no key in clear. */
export const makeFront = (context: Context, functions: Functions): pulumi.Output<string> =>
  component(context, 'front', (inner) => {
    const { projectId: project, domain, dnsZone } = inner.settings;
    const armor = makeArmor(inner);
    const config = makeBackend(inner, 'config', functions.config, armor);
    const ingest = makeBackend(inner, 'ingest', functions.ingest, armor);
    const log = makeBackend(inner, 'log', functions.log, armor);
    const address = new gcp.compute.GlobalAddress(
      'address',
      { name: 'vantio', addressType: 'EXTERNAL', ipVersion: 'IPV4', project, labels: LABELS },
      under(inner),
    );
    const routes = new gcp.compute.URLMap(
      'routes',
      {
        name: 'vantio',
        project,
        defaultService: config.id,
        hostRules: [{ hosts: [domain], pathMatcher: 'api' }],
        pathMatchers: [
          {
            name: 'api',
            defaultService: config.id,
            pathRules: [
              { paths: ['/api/v1/ingest'], service: ingest.id },
              { paths: LOG_PATHS, service: log.id },
            ],
          },
        ],
      },
      under(inner),
    );
    const certificate = new gcp.compute.ManagedSslCertificate(
      'certificate',
      // Named after its domain: a new domain needs a new certificate before the old one may go.
      {
        name: `vantio-${domain.replaceAll('.', '-').slice(0, 50)}`,
        project,
        managed: { domains: [domain] },
      },
      under(inner),
    );
    const tls = new gcp.compute.SSLPolicy(
      'tls',
      { name: 'vantio', project, profile: 'RESTRICTED', minTlsVersion: 'TLS_1_2' },
      under(inner),
    );
    const proxy = new gcp.compute.TargetHttpsProxy(
      'proxy',
      {
        name: 'vantio',
        project,
        urlMap: routes.id,
        sslCertificates: [certificate.id],
        sslPolicy: tls.id,
      },
      under(inner),
    );
    new gcp.compute.GlobalForwardingRule(
      'https',
      {
        name: 'vantio-https',
        project,
        ipAddress: address.address,
        ipProtocol: 'TCP',
        portRange: '443',
        loadBalancingScheme: 'EXTERNAL_MANAGED',
        target: proxy.id,
        labels: LABELS,
      },
      under(inner),
    );
    if (dnsZone !== '')
      new gcp.dns.RecordSet(
        'name',
        {
          name: `${domain}.`,
          type: 'A',
          ttl: 300,
          managedZone: dnsZone,
          project,
          rrdatas: [address.address],
        },
        under(inner),
      );
    return address.address;
  });
