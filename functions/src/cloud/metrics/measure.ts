import { type Labels, METRICS, type MetricName } from './definitions.ts';

/** Where measurements go once somebody collects them. */
export type Sink = (
  name: MetricName,
  value: number,
  labels: Readonly<Record<string, string>>,
) => void;

let sink: Sink | undefined;

export const setSink = (next: Sink | undefined): void => {
  sink = next;
};

/** Adds to a counter, notes a histogram's value, or sets a gauge. Costs nothing while nobody collects. */
export function measure<Name extends MetricName>(
  name: Name,
  value: number,
  labels: Labels<Name>,
): void {
  sink?.(name, value, closed(name, labels));
}

/** Only the labels of the table, and only their values. */
function closed(
  name: MetricName,
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const allowed: Readonly<Record<string, readonly string[]>> = METRICS[name].labels;
  return Object.fromEntries(
    Object.entries(allowed).map(([label, values]) => {
      const value = labels[label] ?? '';
      return [label, values.includes(value) ? value : 'other'];
    }),
  );
}
