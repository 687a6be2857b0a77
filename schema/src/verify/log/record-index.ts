const HASH = 32;
const ID = 16;
/** Hash, event id, value (u32), whether it is in use and not yet taken (u8). */
const SLOT = HASH + ID + 4 + 1;
const FREE = 0;
const HELD = 1;
const TAKEN = 2;

/**
 * Record hashes with an event id and a number each, packed: a map of strings would take five times the memory. A hash may be
 * there several times.
 */
export function createRecordIndex() {
  let capacity = 1024;
  let slots = Buffer.alloc(capacity * SLOT);
  let used = 0;

  // The first bytes of a SHA-256 are as good a hash as any.
  const start = (hash: Buffer): number => hash.readUInt32BE() % capacity;
  const stateAt = (at: number): number => slots[at * SLOT + SLOT - 1] as number;

  const put = (slot: Buffer): void => {
    let at = start(slot);
    while (stateAt(at) !== FREE) at = (at + 1) % capacity;
    slot.copy(slots, at * SLOT);
    used++;
  };

  const grow = (): void => {
    const old = slots;
    capacity *= 2;
    slots = Buffer.alloc(capacity * SLOT);
    used = 0;
    for (let at = 0; at < old.length; at += SLOT)
      if (old[at + SLOT - 1] !== FREE) put(old.subarray(at, at + SLOT));
  };

  return {
    /**
     * @param hash 64 hex digits.
     * @param eventId a UUID.
     */
    add: (hash: string, eventId: string, value: number): void => {
      if (used * 3 >= capacity * 2) grow();
      const slot = Buffer.alloc(SLOT);
      slot.write(hash, 0, 'hex');
      slot.write(eventId.replaceAll('-', ''), HASH, 'hex');
      slot.writeUInt32BE(value, HASH + ID);
      slot[SLOT - 1] = HELD;
      put(slot);
    },
    /** What was put under a hash; each is handed out once. */
    take: (hash: string): readonly { readonly value: number; readonly eventId: string }[] => {
      const wanted = Buffer.from(hash, 'hex');
      const found: { value: number; eventId: string }[] = [];
      for (let at = start(wanted); stateAt(at) !== FREE; at = (at + 1) % capacity) {
        const slot = slots.subarray(at * SLOT, (at + 1) * SLOT);
        if (stateAt(at) !== HELD || wanted.compare(slot, 0, HASH) !== 0) continue;
        slot[SLOT - 1] = TAKEN;
        found.push({
          value: slot.readUInt32BE(HASH + ID),
          eventId: uuid(slot.toString('hex', HASH, HASH + ID)),
        });
      }
      return found;
    },
  };
}

const uuid = (digits: string): string =>
  digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
