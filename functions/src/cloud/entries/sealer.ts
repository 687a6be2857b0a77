import { http } from '@google-cloud/functions-framework';
import { createSealer } from '../create-sealer.ts';

http('sealer', createSealer());
