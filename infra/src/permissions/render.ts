import { InfraError } from '../infra-error.ts';
import type { Grant } from './grants.ts';
import { ROLE_WORDS } from './roles.ts';

/** `infra/PERMISSIONS.md` */
export function renderPermissions(
  grants: readonly Grant[],
  ddl: readonly string[],
  project: string,
): string {
  const plain = (text: string): string =>
    text.replaceAll(`@${project}.iam.gserviceaccount.com`, '').replaceAll(project, 'PROJECT');
  const rows = grants.map(({ who, role, on, onlyIf }) => [
    plain(who),
    `${wordsOf(role)} (\`${role}\`)`,
    plain(on),
    onlyIf,
  ]);
  const roles = ddl.flatMap((statement) => {
    const [, rights, role] = /^GRANT ([\s\S]+) TO ROLE (\w+)$/.exec(statement) ?? [];
    return rights && role ? [[role, rights.replaceAll(/\s+/g, ' ')]] : [];
  });
  const held = new Set(grants.map(({ onlyIf }) => onlyIf.replace('database role ', '')));
  const unheld = [...new Set(roles.map(([role]) => role ?? ''))].filter((role) => !held.has(role));
  return `# Who may do what on what

Made by \`npm run permissions\` from the program itself, with everything optional switched on; a test fails when it is stale.
People stand here by the names of the example configuration. Nothing else is granted: no primitive role, no role of
Spanner's own, no right on all topics, secrets, buckets or databases of the project. Whoever owns the project is not held by
this table: see README, "What is not protected".

${table(['who', 'may', 'on', 'only as'], rows)}

## Database roles

What \`schema/spanner_roles.ddl\` grants. An account that may be one of them has no other way to the rows.

${table(['database role', 'granted'], roles)}
${unheld.length === 0 ? '' : `\nNobody is ${unheld.join(' or ')} yet.\n`}`;
}

function wordsOf(role: string): string {
  const words = ROLE_WORDS[role];
  if (words === undefined)
    throw new InfraError('bad_setting', `permissions/roles.ts has no words for ${role}`);
  return words;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
