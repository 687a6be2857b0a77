import { http } from '@google-cloud/functions-framework';
import { createCloudWriter } from '../create-writer.ts';
import { lazily } from '../lazily.ts';

http('writer', lazily(createCloudWriter, { name: 'writer' }));
