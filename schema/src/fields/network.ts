import { z } from 'zod';
import { errorCode, flag, host, integer, lowerWord, word } from './alphabets.ts';

export const HOST_SOURCES = ['sni', 'dns', 'request', 'none'] as const;
export const OUTCOMES = ['ok', 'error', 'aborted', 'timeout', 'open', 'unknown'] as const;
export const PROTOCOLS = ['tcp', 'udp', 'quic', 'icmp', 'icmpv6', 'sctp', 'unix', 'other'] as const;

export const networkFields = {
  target_host: host().describe('Host asked for; chosen by the agent.'),
  target_port: integer(0, 65_535).describe('Port asked for.'),
  target_ip: z
    .string()
    .regex(
      /^(((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7})$/,
    )
    .describe('Address connected to: dotted quad (also for ::ffff:0:0/96) or RFC 5952 text.'),
  host_source: z.enum(HOST_SOURCES).describe('How the host was known.'),
  proxy_host: host().describe('Proxy the connection went through.'),
  proxy_port: integer(0, 65_535).describe('Port of the proxy.'),
  local_port: integer(0, 65_535).describe(
    'Local port of the connection; joins an SDK record to a kernel record.',
  ),
  protocol: z.enum(PROTOCOLS).describe('Transport.'),
  client: lowerWord(32).describe(
    'Library or runtime door the call went through, such as fetch or http2.',
  ),
  http_method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'OTHER'])
    .describe('Request method.'),
  http_version: z.enum(['1.0', '1.1', '2', '3']).describe('Version of HTTP.'),
  status_class: integer(1, 5).describe('First digit of the response status.'),
  bytes_sent: integer().describe('Bytes sent, as far as the emitter can see them.'),
  bytes_received: integer().describe('Bytes received, as far as the emitter can see them.'),
  bytes_severed: integer().describe('Bytes that were stopped from leaving.'),
  duration_us: integer().describe('Duration, microseconds of a monotonic clock.'),
  first_byte_us: integer().describe(
    'Time to the first byte of the answer, microseconds of a monotonic clock.',
  ),
  outcome: z.enum(OUTCOMES).describe('How it ended; open: not ended when written.'),
  error_code: errorCode().describe("The runtime's code, such as ECONNREFUSED; never a message."),
  tls_library: lowerWord(32).describe('Library that wrote the TLS record.'),
  reused: flag().describe('The connection had served a request before.'),
  hook: z
    .enum(['sdk', 'cgroup_skb', 'tc', 'connect', 'lsm'])
    .describe('Where the verdict was reached.'),
  tool_name: word(128).describe('Tool called.'),
  mcp_server: word(128).describe('Name the MCP server gives itself.'),
  mcp_transport: z.enum(['stdio', 'http', 'sse']).describe('Transport of the MCP session.'),
};
