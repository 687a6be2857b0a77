import { writeFileSync } from 'node:fs';
import { currentPermissions, PAGE } from './current.ts';

writeFileSync(PAGE, await currentPermissions());
