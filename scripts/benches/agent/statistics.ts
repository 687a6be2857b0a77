/** Two-sided 95 % points of Student's distribution, by degrees of freedom from 1 on. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
] as const;

export type Estimate = { readonly mean: number; readonly half: number };

/** Mean and half of its 95 % confidence interval. */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const student = STUDENT[Math.min(count - 2, STUDENT.length - 1)] ?? Number.NaN;
  return { mean, half: student * Math.sqrt(squares / (count - 1) / count) };
}

export function percent({ mean, half }: Estimate): string {
  return `${(mean * 100).toFixed(1)} ± ${(half * 100).toFixed(1)} %`;
}
