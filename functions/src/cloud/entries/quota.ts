import { http } from '@google-cloud/functions-framework';
import { createCloudQuota } from '../create-quota.ts';
import { lazily } from '../lazily.ts';

http('quota', lazily(createCloudQuota));
