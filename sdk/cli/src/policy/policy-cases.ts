import type { FileAccess } from '@vantio/schema/policy/compile-kernel';
import type { Protocol } from '@vantio/schema/policy/decide-egress';
import { readIpAddress } from '@vantio/schema/policy/ip-address';
import { pathText } from '@vantio/schema/policy/parse-policy';
import { CliError } from '../cli-error.ts';
import { syntaxErrorLine } from './syntax-error-line.ts';

/** One line of the table: what is asked, and what should be said. */
export type PolicyCase = {
  readonly name?: string;
  readonly host?: string;
  readonly unix?: string;
  readonly model?: string;
  readonly tool?: string;
  readonly egress?: string;
  readonly exec?: string;
  readonly file?: string;
  readonly port?: number;
  readonly addresses?: readonly string[];
  readonly agent?: string;
  readonly provider?: string;
  readonly server?: string;
  readonly protocol?: Protocol;
  readonly names?: readonly string[];
  readonly access?: FileAccess;
  /** As while policy cannot be had. */
  readonly unavailable?: boolean;
  readonly expect: 'allow' | 'block' | 'ask_with_addresses';
  readonly rule?: string;
};

const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  host: ['port', 'addresses', 'agent'],
  unix: ['agent'],
  model: ['provider', 'agent'],
  tool: ['server', 'agent'],
  egress: ['port', 'protocol', 'names'],
  exec: [],
  file: ['access'],
};
const EVERY = ['name', 'expect', 'rule', 'unavailable'];

type Check = readonly [is: (value: unknown) => boolean, form: string];
const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isAddress = (value: unknown): boolean =>
  typeof value === 'string' && readIpAddress(value) !== undefined;
const isPort = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
const oneOf = (...words: readonly string[]): Check => [
  (value) => words.includes(value as string),
  `one of ${words.join(', ')}`,
];
const TEXT: Check = [isText, 'a string'];
const FORMS: Readonly<Record<string, Check>> = {
  port: [isPort, 'a number from 1 to 65535'],
  addresses: [(value) => Array.isArray(value) && value.every(isAddress), 'a list of IP addresses'],
  names: [isTexts, 'a list of names'],
  unavailable: [(value) => typeof value === 'boolean', 'true or false'],
  expect: oneOf('allow', 'block', 'ask_with_addresses'),
  access: oneOf('read', 'write', 'read_write', 'path'),
  protocol: oneOf('tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'other'),
  egress: [isAddress, 'an IP address'],
};

export type TestFile = { readonly policy?: string; readonly cases: readonly PolicyCase[] };

/**
 * Reads a test file: `{"policy": FILE, "cases": [ … ]}`.
 * @throws {CliError} naming the case and the member at fault.
 */
export function readTestFile(text: string, file: string): TestFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CliError(`${file} is not JSON (line ${syntaxErrorLine(text)}).`);
  }
  const { policy, cases, ...rest } = (value ?? {}) as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw new CliError(
      `${file} holds something beside "policy" and "cases": ${pathText([unknown])}; take it out.`,
    );
  if (!Array.isArray(cases) || cases.length === 0)
    throw new CliError(`${file} wants "cases": a list with at least one case.`);
  if (policy !== undefined && typeof policy !== 'string')
    throw new CliError(`${file}: "policy" wants the name of a policy file.`);
  cases.forEach((one, at) => {
    requireCase(one, `${file}: cases[${at}]`);
  });
  return { cases: cases as PolicyCase[], ...(policy === undefined ? {} : { policy }) };
}

function requireCase(value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CliError(`${where} is not an object.`);
  const members = Object.keys(value);
  const subjects = members.filter((name) => Object.hasOwn(SUBJECTS, name));
  const [subject = ''] = subjects;
  if (subjects.length !== 1)
    throw new CliError(`${where} wants exactly one of ${Object.keys(SUBJECTS).join(', ')}.`);
  if (!members.includes('expect')) throw new CliError(`${where} has no "expect".`);
  for (const name of members) {
    if (name !== subject && !EVERY.includes(name) && !SUBJECTS[subject]?.includes(name))
      throw new CliError(
        `${where} has a member that a case about ${subject} has not; it may have ${[...EVERY, ...(SUBJECTS[subject] ?? [])].join(', ')}.`,
      );
    const [is, form] = FORMS[name] ?? TEXT;
    if (!is((value as Record<string, unknown>)[name]))
      throw new CliError(`${where}: "${name}" wants ${form}.`);
  }
}
