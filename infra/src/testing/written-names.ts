import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const INFRA = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Names that a source gives to a resource of the provider and that the resource does not know. The compiler sees them in a
 * literal but not behind a spread, and the provider's constructor drops them without a word.
 * @param sources by path, in the place of the files; all of the program's own, if none is given.
 */
export function unknownNames(sources: ReadonlyMap<string, string> = new Map()): {
  readonly unknown: readonly string[];
  readonly resources: number;
} {
  const { config } = ts.readConfigFile(`${INFRA}tsconfig.json`, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, INFRA);
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  const files = sources.size > 0 ? [...sources.keys()] : fileNames.filter(isOwn);
  const program = ts.createProgram(files, options, host);
  const checker = program.getTypeChecker();
  const unknown: string[] = [];
  let resources = 0;

  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isNewExpression(node)) return;
    const [, written] = node.arguments ?? [];
    const made = checker.getResolvedSignature(node)?.declaration?.getSourceFile().fileName;
    if (written === undefined || !made?.includes('/@pulumi/gcp/')) return;
    resources += 1;
    const expected = checker.getContextualType(written);
    const known = expected && checker.getNonNullableType(expected);
    for (const { name } of checker.getPropertiesOfType(checker.getTypeAtLocation(written)))
      if (known && checker.getPropertyOfType(known, name) === undefined)
        unknown.push(`${node.expression.getText()}: ${name}`);
  };
  for (const path of files) {
    const source = program.getSourceFile(path);
    if (source) visit(source);
  }
  return { unknown, resources };
}

const isOwn = (path: string): boolean => path.startsWith(INFRA) && !path.endsWith('.test.ts');
