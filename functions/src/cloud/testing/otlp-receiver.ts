import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { listen } from './listen.ts';

type TestContext = { after(hook: () => unknown): void };

type Attribute = { readonly key: string; readonly value: { readonly stringValue?: string } };
type Point = {
  readonly attributes?: readonly Attribute[];
  readonly asInt?: number | string;
  readonly asDouble?: number;
  readonly count?: number | string;
  readonly sum?: number;
};
type Metric = {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly Point[] };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly dataPoints: readonly Point[] };
};
type Export = {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
};

/** A collector: takes OTLP's JSON over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp) and keeps what came last. */
export async function startOtlpReceiver(test: TestContext) {
  let last: Export | undefined;
  let exports = 0;
  const paths = new Set<string>();
  const server = createServer(async (request, response) => {
    last = (await json(request)) as Export;
    exports++;
    paths.add(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  const { port } = await listen(server);
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });

  const metrics = (): readonly Metric[] =>
    last?.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((s) => s.metrics)) ??
    [];

  return {
    endpoint: `http://127.0.0.1:${port}`,
    exports: () => exports,
    paths,
    text: () => JSON.stringify(last),
    resource: () => plain(last?.resourceMetrics[0]?.resource.attributes),
    /** Points by metric, as `label=value label=value`: a sum's or gauge's value, a histogram's count and sum. */
    points: (name: string): Readonly<Record<string, number | readonly [number, number]>> => {
      const metric = metrics().find((candidate) => candidate.name === name);
      const { dataPoints = [] } = metric?.sum ?? metric?.gauge ?? metric?.histogram ?? {};
      return Object.fromEntries(
        dataPoints.map(({ attributes, asInt, asDouble, count, sum }) => [
          Object.entries(plain(attributes))
            .map(([key, value]) => `${key}=${value}`)
            .join(' '),
          count === undefined ? Number(asInt ?? asDouble) : ([Number(count), sum ?? 0] as const),
        ]),
      );
    },
    /** Every name of a metric, and every label with its values, that came. */
    labels: (): readonly (readonly [string, string, string])[] =>
      metrics().flatMap(
        (metric) =>
          (metric.sum ?? metric.gauge ?? metric.histogram)?.dataPoints.flatMap(({ attributes }) =>
            Object.entries(plain(attributes)).map(
              ([key, value]) => [metric.name, key, value] as const,
            ),
          ) ?? [],
      ),
  };
}

const plain = (attributes: readonly Attribute[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(value.stringValue)]));
