import { http } from '@google-cloud/functions-framework';
import { createCloudConfig } from '../create-config.ts';
import { lazily } from '../lazily.ts';

http('config', lazily(createCloudConfig, { name: 'config' }));
