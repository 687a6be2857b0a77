import type { WordField } from '../generated/word-forms.ts';
import { writtenBytes } from '../written/committed-value.ts';
import { writtenHost } from '../written/host.ts';
import { requiredPort, writtenStatusClass } from '../written/integers.ts';
import { writtenIp } from '../written/ip.ts';
import { writtenProcessName } from '../written/process-name.ts';
import { requiredWord, writtenWord } from '../written/word.ts';

const bytesOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const utf8 = (text: string): string => Buffer.from(text).toString('hex');

/** Name of the case, and the bytes of a name as hex digits. */
const PROCESS_NAMES: readonly (readonly [string, string])[] = [
  ['plain', bytesOf('node')],
  ['printable ASCII stays', bytesOf(' "%x_~!]')],
  ['a backslash', bytesOf('a\\b')],
  ['control characters', bytesOf('a\nb\0c\x1fd\x7f')],
  ['bytes that are not ASCII', utf8('nodé')],
  ['bytes that are not UTF-8', bytesOf('\xff\xc3')],
  ['64 characters', bytesOf('a'.repeat(64))],
  ['65 characters', bytesOf('a'.repeat(65))],
  ['an escape that just fits', bytesOf(`${'a'.repeat(60)}\n`)],
  ['an escape that does not fit is cut whole', bytesOf(`${'a'.repeat(61)}\n`)],
  ['what follows an escape that was cut is cut too', bytesOf(`${'a'.repeat(61)}\nb`)],
  ['16 escapes', bytesOf('\xff'.repeat(16))],
  ['17 escapes', bytesOf('\xff'.repeat(17))],
  ['nothing', ''],
];

const HOSTS: readonly (readonly [string, string])[] = [
  ['plain', 'api.example.com'],
  ['capitals', 'API.Example.COM'],
  ['a trailing dot', 'api.example.com.'],
  ['two trailing dots', 'api.example.com..'],
  ['an underscore', '_dmarc.example.com'],
  ['an A-label is not looked into', 'XN--BCHER-KVA.example'],
  ['an A-label that decodes to nothing', 'xn--.example'],
  ['a label beyond ASCII', 'bücher.Example'],
  ['a capital beyond ASCII', 'BÜCHER.example'],
  ['no transitional processing', 'straße.example'],
  ['a full stop of another script', '日本語。example。'],
  ['wide letters', 'ｅｘａｍｐｌｅ.com'],
  ['wide digits that are an address', '１２７.１'],
  ['a name that is refused, in bytes', 'Bü cher'],
  ['a name with a percent sign is refused', 'Bü%41'],
  ['a name that maps to nothing is refused', '\u00ad'],
  ['a dotted quad', '192.0.2.1'],
  ['a dotted quad with a trailing dot', '192.0.2.1.'],
  ['short and other spellings of an IPv4 address are names', '127.1'],
  ['a leading zero makes a name', '192.0.2.01'],
  ['IPv6', '2001:db8::1'],
  ['IPv6 in brackets', '[2001:db8::1]'],
  ['IPv6, spelt out', '2001:0DB8:0:0:0:0:0:1'],
  ['IPv6, one zero group is written', '2001:db8:0:1:1:1:1:1'],
  ['IPv6, the first of the longest runs is cut', '2001:db8:0:0:1:0:0:1'],
  ['IPv4 within IPv6', '::FFFF:192.0.2.1'],
  ['IPv4 within IPv6, in hex', '[::ffff:c000:201]'],
  ['IPv4 at the end of another IPv6 address', '64:ff9b::192.0.2.1'],
  ['a zone id', 'FE80::0:1%Eth0'],
  ['a zone id in brackets', '[fe80::1%25eth0]'],
  ['a zone id outside the alphabet', 'fe80::1%é'],
  ['brackets around what is no address', '[example.com]'],
  ['one bracket', '[::1'],
  ['colons that are no address', 'a:b::c::d'],
  ['a space', 'a b'],
  ['a percent sign', 'a%zz'],
  ['a slash and a question mark', 'a/b?c'],
  ['a newline', 'x\n{"y":1}'],
  ['NUL', 'a\0b'],
  ['nothing', ''],
  ['a dot', '.'],
  ['empty brackets', '[]'],
  ['253 characters', `${'a.'.repeat(126)}z`],
  ['254 characters', `${'a.'.repeat(126)}zz`],
  ['253 characters and a trailing dot', `${'a.'.repeat(126)}z.`],
  ['an escape that just fits', `${'z'.repeat(250)} `],
  ['an escape that does not fit is cut whole', `${'z'.repeat(251)} b`],
  ['a percent sign of its own at the bound', `${'z'.repeat(252)}%41`],
];

const IPS: readonly (readonly [string, string])[] = [
  ['a dotted quad', '203.0.113.255'],
  ['too large', '203.0.113.256'],
  ['three parts', '203.0.113'],
  ['IPv6 in capitals', '2001:DB8::A'],
  ['all zeros', '0:0:0:0:0:0:0:0'],
  ['IPv4 within IPv6', '::ffff:203.0.113.1'],
  ['IPv4 within IPv6, in hex', '::ffff:0:1'],
  ['IPv4 that is not within ::ffff:0:0/96', '::203.0.113.1'],
  ['two runs cut', '1::2::3'],
  ['a name', 'localhost'],
  ['nothing', ''],
];

/** Name of the case, field, value, and whether its type requires the field. */
const WORDS: readonly (readonly [string, WordField, string, true?])[] = [
  ['fits', 'model', 'gpt-5.2-mini'],
  ['every character of the alphabet', 'tool_name', 'aZ09._:/@+-'],
  ['capitals, where there are some', 'model', 'GPT-5'],
  ['capitals, where there are none', 'provider', 'OpenAI'],
  ['a capital beyond ASCII is not lowered', 'provider', 'É'],
  ['bytes outside the alphabet', 'tool_name', 'read file\n(«all»)'],
  ['beyond the first plane', 'mcp_server', 'a😀b'],
  ['a slash, where there is none', 'rule_id', 'net/1'],
  ['a plus sign, where there is none', 'os', 'a+b'],
  ['64 characters', 'runtime', 'a'.repeat(64)],
  ['65 characters', 'runtime', 'a'.repeat(65)],
  ['cut between the bytes of a character', 'runtime', `${'a'.repeat(63)}é`],
  ['253 characters', 'node', `${'a'.repeat(253)}b`],
  ['nothing, optional', 'model', ''],
  ['nothing, required', 'tool_name', '', true],
  ['a code', 'anomaly_code', 'loop.detected', true],
  ['a code in words', 'anomaly_code', 'Loop Detected', true],
  ['a first character that may not be first', 'anomaly_code', '_loop', true],
  ['a first character that became one that may not', 'anomaly_code', 'écart', true],
  ['a first character put in front, and the bound', 'anomaly_code', '-'.repeat(64), true],
  ['nothing, where _ may not be first', 'anomaly_code', '', true],
];

/** Name of the case, and the bytes of a name or path as hex digits. */
const COMMITTED_VALUES: readonly (readonly [string, string])[] = [
  ['UTF-8', utf8('research – Zürich 😀')],
  ['UTF-8 with a backslash and a newline', utf8('/tmp/a\\xff\n')],
  ['no normalisation', utf8('/a/../b//c/e\u0301')],
  ['a byte order mark', utf8('\ufeffa')],
  ['not UTF-8', bytesOf('/tmp/\xff')],
  ['not UTF-8, with a backslash', bytesOf('C:\\\xfe\\x')],
  ['not UTF-8, with characters that are', `${utf8('é😀')}ff${utf8('–')}`],
  ['a sequence cut short', bytesOf('a\xe2\x82')],
  ['an overlong sequence', bytesOf('\xc0\x80\xe0\x80\x80')],
  ['a surrogate', bytesOf('\xed\xa0\x80')],
  ['beyond U+10FFFF', bytesOf('\xf4\x90\x80\x80')],
  ['4,097 characters', bytesOf('a'.repeat(4097))],
  ['a pair of surrogates that does not fit', utf8(`${'a'.repeat(4095)}😀`)],
  ['an escape that does not fit', bytesOf(`${'a'.repeat(4093)}\xffb`)],
  ['nothing', ''],
];

const PORTS: readonly (readonly [string, number | undefined])[] = [
  ['fits', 443],
  ['too high', 65_536],
  ['too low', -1],
  ['none', undefined],
];

/** Values that a program chose and how a record holds them. Without `text`, `ip` or `status_class`: the field is absent. */
export const writtenVectors = () => ({
  process_name: PROCESS_NAMES.map(([name, bytes]) => ({
    name,
    bytes,
    ...writtenProcessName(Buffer.from(bytes, 'hex')),
  })),
  host: HOSTS.map(([name, host]) => ({ name, host, ...writtenHost(host) })),
  ip: IPS.map(([name, value]) => ({ name, value, ip: writtenIp(value) })),
  word: WORDS.map(([name, field, value, required]) => ({
    name,
    field,
    value,
    required,
    ...(required ? requiredWord(field, value) : writtenWord(field, value)),
  })),
  committed_value: COMMITTED_VALUES.map(([name, bytes]) => ({
    name,
    bytes,
    ...writtenBytes(Buffer.from(bytes, 'hex')),
  })),
  required_port: PORTS.map(([name, value]) => ({ name, value, port: requiredPort(value) })),
  status_class: [99, 100, 204, 599, 600].map((status) => ({
    status,
    status_class: writtenStatusClass(status),
  })),
});
