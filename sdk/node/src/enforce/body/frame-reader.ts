const MAX_FRAME = 16 * 1024 * 1024;
const PRELUDE = 12;
const CRC = 4;

/**
 * The payloads of application/vnd.amazon.eventstream: total length, length of headers, checksum; headers; payload;
 * checksum. Checksums are the client's to check.
 */
export function createFrameReader(onText: (text: string) => void) {
  let buffered: Buffer = Buffer.alloc(0);
  let broken = false;
  return {
    push(chunk: Uint8Array): void {
      if (broken) return;
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= PRELUDE) {
        const total = buffered.readUInt32BE(0);
        const headers = buffered.readUInt32BE(4);
        if (total > MAX_FRAME || total < PRELUDE + headers + CRC) {
          broken = true;
          buffered = Buffer.alloc(0);
          return;
        }
        if (buffered.length < total) return;
        onText(buffered.toString('utf8', PRELUDE + headers, total - CRC));
        buffered = buffered.subarray(total);
      }
    },
    end: (): void => undefined,
  };
}
