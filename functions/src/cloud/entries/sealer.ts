import { http } from '@google-cloud/functions-framework';
import { createCloudSealer } from '../create-sealer.ts';
import { lazily } from '../lazily.ts';

http('sealer', lazily(createCloudSealer));
