/** A line with its end; or, of a line beyond the bound, its parts as they come, the last of which has the end. */
export type Line = { readonly bytes: Buffer; readonly isWhole: boolean };

/** Cuts what passes into lines. */
export function createLines(maxBytes: number) {
  let kept: Buffer[] = [];
  let size = 0;
  let isLong = false;

  function take(last: Buffer, isWhole: boolean): Line {
    const bytes = kept.length === 0 ? last : Buffer.concat([...kept, last]);
    kept = [];
    size = 0;
    return { bytes, isWhole };
  }

  return {
    push(bytes: Buffer): readonly Line[] {
      const lines: Line[] = [];
      let from = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
        lines.push(take(bytes.subarray(from, end + 1), !isLong));
        isLong = false;
        from = end + 1;
      }
      const rest = bytes.subarray(from);
      if (rest.length === 0) return lines;
      // The caller may use its memory for something else.
      kept.push(Buffer.from(rest));
      size += rest.length;
      if (isLong || size > maxBytes) {
        isLong = true;
        lines.push(take(Buffer.alloc(0), false));
      }
      return lines;
    },
    /** Whether the next byte begins a line. */
    isAtStart: (): boolean => size === 0 && !isLong,
    /** What has come of a line that has no end yet. */
    rest: (): Buffer => take(Buffer.alloc(0), false).bytes,
  };
}
