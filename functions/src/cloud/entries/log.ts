import { http } from '@google-cloud/functions-framework';
import { createCloudLog } from '../create-log.ts';
import { lazily } from '../lazily.ts';

/** A checkpoint with a hundred lines of witnesses. */
const BODY_BYTES = 2 ** 20;

http('log', lazily(createCloudLog, { name: 'log', bodyBytes: BODY_BYTES }));
