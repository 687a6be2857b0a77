import { http } from '@google-cloud/functions-framework';
import { createCloudIngest } from '../create-ingest.ts';
import { lazily } from '../lazily.ts';

http('ingest', lazily(createCloudIngest));
