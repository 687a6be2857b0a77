/** Google's own collector (https://cloud.google.com/stackdriver/docs/reference/telemetry/overview). */
const TELEMETRY_HOST = 'telemetry.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * Header fields with a fresh token of this function's own account, asked for at each export, when metrics go to Google;
 * undefined for any other collector: that one is not to have our token.
 */
export async function authorizationOf(): Promise<
  (() => Promise<Record<string, string>>) | undefined
> {
  const endpoint =
    process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!isGoogle(endpoint ?? '')) return undefined;
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: SCOPE });
  return async () => {
    try {
      const headers = await auth.getRequestHeaders();
      return Object.fromEntries(headers.entries());
    } catch {
      // The exporter wants no throw; without a token the collector refuses, and that is said.
      return {};
    }
  };
}

function isGoogle(endpoint: string): boolean {
  try {
    const { protocol, hostname } = new URL(endpoint);
    return protocol === 'https:' && hostname === TELEMETRY_HOST;
  } catch {
    return false;
  }
}
