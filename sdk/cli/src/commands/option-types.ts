import { CliError } from '../cli-error.ts';

/** For an option that may be given several times. */
export const gather = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];

export const wholeNumber =
  (option: string, min: number, max = 1_000_000) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^[0-9]{1,16}$/.test(value) || number < min || number > max)
      throw new CliError(`${option} wants a whole number from ${min} to ${max}.`);
    return number;
  };
