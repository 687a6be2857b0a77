import { MAX_RECORD_BYTES } from '@vantio/schema/read-record';

/** A record at its bound and the members around it. */
export const MAX_LINE_BYTES = MAX_RECORD_BYTES + 512;
