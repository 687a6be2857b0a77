import { isIP } from 'node:net';
import { type Fields, present } from '../take-fields.ts';

/** What is known of the far end: at least a name or an address, else nothing. */
export function targetOf({ take, has }: Fields): object | undefined {
  if (!has('target_host') && !has('target_ip')) return undefined;
  const host = take('target_host');
  const port = take('target_port');
  // An address that was asked for stands for itself; the one connected to then has no place here.
  return host !== undefined && isIP(host) !== 0
    ? present({ ip: host, port })
    : present({ hostname: host, ip: take('target_ip'), port });
}

/** Of what carried it; the proxy is a profile of its own. */
export function carrierOf({ take, has }: Fields): object {
  const protocol = take('protocol');
  return {
    ...present({
      connection_info:
        protocol === undefined ? undefined : { protocol_name: protocol, direction_id: OUTBOUND },
      traffic: present({ bytes_out: take('bytes_sent'), bytes_in: take('bytes_received') }),
      proxy_endpoint: has('proxy_host')
        ? present({ hostname: take('proxy_host'), port: take('proxy_port') })
        : undefined,
    }),
  };
}

export const carrierProfiles = ({ has }: Fields): readonly string[] =>
  has('proxy_host') ? ['network_proxy'] : [];

const OUTBOUND = 2;
