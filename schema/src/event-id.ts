/**
 * Makes the event ids of one session: UUIDv7 (RFC 9562) whose last 48 bits are the session's first 48, and whose other
 * 26 free bits are a counter, so that ids rise strictly even when the clock steps back.
 * @param after an id of the session that the first must rise above; by default it is the session's first.
 */
export function createEventIds(sessionId: string, after?: string): (millis: number) => string {
  const tail = sessionId.slice(0, 12);
  let { millis: lastMillis, counter } = after === undefined ? BEFORE_ALL : partsOf(after);
  return (millis) => {
    if (millis > lastMillis) {
      lastMillis = millis;
      counter = 0;
    } else if (++counter > MAX_COUNTER) {
      lastMillis++;
      counter = 0;
    }
    const time = lastMillis.toString(16).padStart(12, '0');
    const high = (0x7000 | (counter >>> 14)).toString(16);
    const low = (0x8000 | (counter & 0x3fff)).toString(16);
    return `${time.slice(0, 8)}-${time.slice(8)}-${high}-${low}-${tail}`;
  };
}

const MAX_COUNTER = 2 ** 26 - 1;
/** A clock before 1970 counts from there. */
const BEFORE_ALL = { millis: 0, counter: -1 };

const partsOf = (id: string) => ({
  millis: Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16),
  counter:
    (Number.parseInt(id.slice(15, 18), 16) << 14) |
    (Number.parseInt(id.slice(19, 23), 16) & 0x3fff),
});
