import { basename } from 'node:path';

/** As it was typed, with what a shell would take apart in quotes. */
export function commandLine(): readonly string[] {
  const [, program = '', ...args] = process.argv;
  return [
    basename(program).replace(/\.m?js$/, ''),
    ...args.map((arg) =>
      /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`,
    ),
  ];
}

export const RUNTIME = `Node ${process.versions.node}`;
