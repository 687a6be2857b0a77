import { http } from '@google-cloud/functions-framework';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { createCloudIngest } from '../create-ingest.ts';
import { lazily } from '../lazily.ts';

http('ingest', lazily(createCloudIngest, { name: 'ingest', bodyBytes: WIRE_LIMITS.wireBytes }));
