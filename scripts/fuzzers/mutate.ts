import type { Random } from '../../functions/src/testing/seeded-random.ts';

type Mutation = (text: string, random: Random, other: string) => string;

/** What parsers of lines, numbers, paths, base64 and JSON stumble over. */
const PIECES: readonly string[] = [
  ...'\n\r\t\0 +-=/.,:"\\{}[]0189aAzZ—–\u007f\u0085\u00a0\u2028\ufeff\ufffd\ud800\udc00é',
  ...['\n\n', '\r\n', '— ', ' x ', '==', 'x000/', '.p/', '..', '\\u0000', '\\ud800', '__proto__'],
  ...['-1', '00', '256', '257', '1e9', 'NaN', '0x1', 'null', 'true', '9007199254740992'],
  ...['9007199254740993', '9223372036854775808', '18446744073709551616'],
];

const set = (text: string, at: number, piece: string, length = 1): string =>
  text.slice(0, at) + piece + text.slice(at + length);

const span = (text: string, random: Random): readonly [from: number, to: number] => {
  const from = random.below(text.length + 1);
  return [from, Math.min(text.length, from + 1 + random.below(random.pick([2, 8, 64])))];
};

/** Changes a text as a list of lines. */
const byLine =
  (change: (lines: string[], at: number, random: Random) => void): Mutation =>
  (text, random) => {
    const lines = text.split('\n');
    change(lines, random.below(lines.length), random);
    return lines.join('\n');
  };

const MUTATIONS: readonly Mutation[] = [
  function flipBit(text, random) {
    const at = random.below(Math.max(1, text.length));
    const unit = text.charCodeAt(at) || 0;
    return set(text, at, String.fromCharCode(unit ^ (1 << random.below(8))));
  },
  (text, random) => set(text, random.below(text.length + 1), random.pick(PIECES)),
  (text, random) => set(text, random.below(text.length + 1), random.pick(PIECES), 0),
  (text, random) =>
    set(text, random.below(text.length + 1), String.fromCharCode(random.below(2 ** 16)), 0),
  function cut(text, random) {
    const [from, to] = span(text, random);
    return text.slice(0, from) + text.slice(to);
  },
  function repeat(text, random) {
    const [from, to] = span(text, random);
    return text.slice(0, to) + text.slice(from);
  },
  function splice(text, random, other) {
    return (
      text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1))
    );
  },
  function changeNumber(text, random) {
    const numbers = [...text.matchAll(/[0-9]+/g)];
    if (numbers.length === 0) return text;
    const { 0: digits, index } = random.pick(numbers);
    const near = String(Math.max(0, Number(digits) + random.below(3) - 1));
    return set(text, index, random.pick([near, `0${digits}`, random.pick(PIECES)]), digits.length);
  },
  byLine((lines, at) => lines.splice(at, 1)),
  byLine((lines, at) => lines.splice(at, 0, lines[at] ?? '')),
  byLine((lines, at, random) => {
    const to = random.below(lines.length);
    [lines[at], lines[to]] = [lines[to] ?? '', lines[at] ?? ''];
  }),
];

/** Mostly a step or two away from a sample: further away nearly everything is refused at the first look. */
export function mutate(samples: readonly string[], random: Random): string {
  let text = random.pick(samples);
  const steps = 1 + random.below(random.pick([1, 1, 2, 5]));
  for (let step = 0; step < steps; step++)
    text = random.pick(MUTATIONS)(text, random, random.pick(samples));
  return text;
}
