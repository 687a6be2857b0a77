import { countsOf, type Engine } from '../create-redactor.ts';
import type { BodyFacts, Codec } from './body-facts.ts';
import type { BodyResult } from './body-result.ts';
import { readContentType } from './content-type.ts';
import { Unscannable, type Work } from './part.ts';
import { redactMultipart } from './redact-multipart.ts';
import { redactTyped } from './redact-typed.ts';
import { readUtf8, writeUtf8 } from './utf8.ts';

/** Throws nothing: a fault of ours is `unscanned: error`, and the caller's policy says what then. */
export function redactBody(engine: Engine, bytes: Uint8Array, facts: BodyFacts): BodyResult {
  try {
    return redact(engine, bytes, facts);
  } catch (error) {
    return { kind: 'unscanned', reason: error instanceof Unscannable ? error.reason : 'error' };
  }
}

function redact(engine: Engine, bytes: Uint8Array, facts: BodyFacts): BodyResult {
  if (bytes.length > facts.maxBytes) throw new Unscannable('size');
  const work: Work = {
    engine,
    facts,
    counts: new Map(),
    given: bytes,
    bytesScanned: 0,
    isAscii: false,
    unscanned: undefined,
  };
  const codec = codecOf(facts);
  const plain = codec === undefined ? bytes : decoded(codec, bytes, facts.maxBytes);
  const redacted = plain.length === 0 ? plain : redactPlainBytes(work, plain);
  const seen = {
    bytesScanned: work.bytesScanned,
    ...(work.unscanned === undefined ? {} : { unscanned: work.unscanned }),
  };
  if (redacted === plain) return { kind: 'unchanged', bytes, ...seen };
  if (facts.isSigned === true) throw new Unscannable('signed');
  const out = codec === undefined ? redacted : codec.encode(redacted);
  return { kind: 'redacted', bytes: out, counts: countsOf(work.counts), ...seen };
}

function redactPlainBytes(work: Work, bytes: Uint8Array): Uint8Array {
  const { kind, isForeignCharset, boundary } = readContentType(work.facts.contentType);
  if (isForeignCharset) throw new Unscannable('encoding');
  if (kind === 'binary') throw new Unscannable('binary');
  if (kind === 'multipart') return redactMultipart(work, bytes, boundary);
  const text = knownText(work, bytes) ?? readUtf8(bytes);
  work.isAscii = text.length === bytes.length;
  const redacted = redactTyped(work, text, kind);
  return redacted === text ? bytes : writeUtf8(redacted);
}

/** A text with half a surrogate pair is not what its bytes are. */
function knownText({ given, facts: { text } }: Work, bytes: Uint8Array): string | undefined {
  return bytes === given && text?.isWellFormed() === true ? text : undefined;
}

function codecOf({ contentEncoding, codecs = {} }: BodyFacts): Codec | undefined {
  const name = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return undefined;
  const codec = Object.hasOwn(codecs, name) ? codecs[name] : undefined;
  if (codec === undefined) throw new Unscannable('encoding');
  return codec;
}

function decoded(codec: Codec, bytes: Uint8Array, maxBytes: number): Uint8Array {
  let plain: Uint8Array;
  try {
    plain = codec.decode(bytes, maxBytes);
  } catch {
    throw new Unscannable('encoding');
  }
  if (plain.length > maxBytes) throw new Unscannable('size');
  return plain;
}
