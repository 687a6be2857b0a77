import type { Outgoing } from './body-guard.ts';
import { CODECS } from './codecs.ts';

/** A request's body as JSON; undefined for whatever is not. Anybody may have written it. */
export function requestJson(request: Outgoing, body: Uint8Array, maxBytes: number): unknown {
  try {
    const encoding = request.header('content-encoding')?.trim().toLowerCase();
    const codec = encoding && encoding !== 'identity' ? CODECS[encoding] : undefined;
    if (encoding && encoding !== 'identity' && !codec) return undefined;
    const bytes = codec ? codec.decode(body, maxBytes) : body;
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined;
  }
}

export function modelIn(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { model } = json as { readonly model?: unknown };
  return typeof model === 'string' ? model : undefined;
}
