/** What is written as CBOR here: integers, texts, bytes, arrays, maps, null, and a tagged one of these. */
export type Cbor =
  | number
  | string
  | null
  | Uint8Array
  | readonly Cbor[]
  | ReadonlyMap<number | string, Cbor>
  | { readonly tag: number; readonly value: Cbor };

const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG] = [0, 1, 2, 3, 4, 5, 6];
const NULL = 0xf6;

/** In the one deterministic form of RFC 8949, section 4.2.1. @throws {RangeError} for a number that is no safe integer. */
export function encodeCbor(value: Cbor): Buffer {
  if (value === null) return Buffer.of(NULL);
  if (typeof value === 'number')
    return value < 0 ? head(NEGATIVE, -1 - value) : head(UNSIGNED, value);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([head(TEXT, text.length), text]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(BYTES, value.length), value]);
  if (value instanceof Map) return encodeMap(value);
  if ('tag' in value) return Buffer.concat([head(TAG, value.tag), encodeCbor(value.value)]);
  const items = value as readonly Cbor[];
  return Buffer.concat([head(ARRAY, items.length), ...items.map(encodeCbor)]);
}

/** Keys stand in the order of their encoded bytes. */
function encodeMap(map: ReadonlyMap<number | string, Cbor>): Buffer {
  const pairs = [...map].map(([key, value]) => [encodeCbor(key), encodeCbor(value)] as const);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat([head(MAP, map.size), ...pairs.flat()]);
}

/** Major type and argument, in the fewest bytes. */
function head(major: number, argument: number): Buffer {
  if (!Number.isSafeInteger(argument) || argument < 0)
    throw new RangeError('CBOR is written here of safe integers alone');
  const type = major << 5;
  if (argument < 24) return Buffer.of(type | argument);
  if (argument < 0x100) return Buffer.of(type | 24, argument);
  const buffer = Buffer.alloc(9);
  if (argument < 0x1_0000) {
    buffer[0] = type | 25;
    buffer.writeUInt16BE(argument, 1);
    return buffer.subarray(0, 3);
  }
  if (argument < 0x1_0000_0000) {
    buffer[0] = type | 26;
    buffer.writeUInt32BE(argument, 1);
    return buffer.subarray(0, 5);
  }
  buffer[0] = type | 27;
  buffer.writeBigUInt64BE(BigInt(argument), 1);
  return buffer;
}
