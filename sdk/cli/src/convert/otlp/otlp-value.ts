/** Values of OTLP's JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export type OtlpValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly kvlistValue: { readonly values: readonly Attribute[] } };

export type Attribute = { readonly key: string; readonly value: OtlpValue };

export const attribute = (key: string, value: unknown): Attribute => ({
  key,
  value: otlpValue(value),
});

function otlpValue(value: unknown): OtlpValue {
  if (typeof value === 'number') return { intValue: String(value) };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'object' && value !== null)
    return {
      kvlistValue: { values: Object.entries(value).map(([key, each]) => attribute(key, each)) },
    };
  return { stringValue: String(value) };
}

const MAX_FIXED64 = 2n ** 64n;

/** Nanoseconds since 1970; '0', which OTLP takes for unknown, of an instant that does not fit: before 1970, after 2554. */
export function nanosOf(micros: bigint): string {
  const nanos = micros * 1000n;
  return nanos < 0n || nanos >= MAX_FIXED64 ? '0' : String(nanos);
}
