import { http } from '@google-cloud/functions-framework';
import { createCloudKeymaker } from '../create-keymaker.ts';
import { lazily } from '../lazily.ts';

http('keymaker', lazily(createCloudKeymaker));
