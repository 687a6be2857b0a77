/**
 * Joins traces with those of OpenTelemetry, by what the program has registered with `@opentelemetry/api` 1.x. While a span of
 * OpenTelemetry is active, shields and events that are in no shield belong to its trace, as its children.
 *
 * @param options.export each shield becomes a span of the program's own tracer provider, too, under the same ids and active
 * while the shield runs; calls of models and tools that are recorded become spans with the attributes of OpenTelemetry's
 * conventions for generative AI. Names, counts and codes alone; the names of agents are among them.
 * @returns what ends it
 */
export function bridgeOtel(options?: { readonly export?: boolean }): () => void;
