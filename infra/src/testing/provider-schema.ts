import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { enumOf } from './documented-enum.ts';
import type { Made } from './run-program.ts';

/** The provider's own description of its inputs, as its package ships it: names, types, what is required, enums. */
export type ProviderSchema = {
  /** What is wrong with a resource's inputs, each with its path; nothing, if nothing is. */
  readonly faultsOf: (resource: Pick<Made, 'type' | 'inputs'>) => readonly string[];
  /** How many values were held to a documented list: a check that has gone blind shows here. */
  readonly enumsChecked: () => number;
};

const PACKAGE = fileURLToPath(new URL('../../node_modules/@pulumi/gcp/', import.meta.url));
const WRAPPERS: ReadonlySet<string> = new Set(['Promise', 'OutputInstance', 'OutputImpl']);

/** @param modules as in `gcp:<module>/…`. */
export function readProviderSchema(modules: Iterable<string>): ProviderSchema {
  const files = new Map([...modules].map((name) => [name, `${PACKAGE}${name}/index.d.ts`]));
  const program = ts.createProgram([...files.values()], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  let enumsChecked = 0;

  /** What a value may be, without `Input`'s promises and outputs and without `undefined`. */
  const alternatives = (type: ts.Type): readonly ts.Type[] =>
    (type.isUnion() ? type.types : [type]).filter(
      (part) =>
        (part.flags & ts.TypeFlags.Undefined) === 0 && !WRAPPERS.has(part.symbol?.name ?? ''),
    );

  function faults(value: unknown, type: ts.Type, at: string, doc: string): readonly string[] {
    const parts = alternatives(type);
    if (Array.isArray(value)) {
      const list = parts.find((part) => checker.isArrayType(part));
      if (list === undefined) return [`${at} is no list`];
      const [element] = checker.getTypeArguments(list as ts.TypeReference);
      return value.flatMap((entry, index) =>
        element === undefined ? [] : faults(entry, element, `${at}[${index}]`, doc),
      );
    }
    if (typeof value === 'object' && value !== null) {
      const object = parts.find((part) => (part.flags & ts.TypeFlags.Object) !== 0);
      if (object === undefined || checker.isArrayType(object)) return [`${at} is no object`];
      return isAsset(value) ? [] : memberFaults(value as Record<string, unknown>, object, at);
    }
    const flag = PRIMITIVES[typeof value];
    if (flag === undefined || !parts.some((part) => (part.flags & flag) !== 0))
      return [`${at} may not be a ${typeof value}`];
    const allowed = typeof value === 'string' ? enumOf(doc) : undefined;
    if (allowed === undefined) return [];
    enumsChecked += 1;
    return allowed.has(String(value)) ? [] : [`${at} is ${value}, not ${[...allowed].join(', ')}`];
  }

  function memberFaults(value: Record<string, unknown>, type: ts.Type, at: string): string[] {
    const values = checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const known = new Map(checker.getPropertiesOfType(type).map((member) => [member.name, member]));
    const found = Object.entries(value).flatMap(([name, inner]) => {
      const member = known.get(name);
      if (member === undefined)
        return values ? faults(inner, values, `${at}.${name}`, '') : [`${at}.${name} is unknown`];
      const doc = ts.displayPartsToString(member.getDocumentationComment(checker));
      return faults(inner, checker.getTypeOfSymbol(member), `${at}.${name}`, doc);
    });
    const missing = [...known.values()]
      .filter(({ flags, name }) => (flags & ts.SymbolFlags.Optional) === 0 && !(name in value))
      .map(({ name }) => `${at}.${name} is required`);
    return [...found, ...missing];
  }

  function argsOf(type: string): ts.Type {
    const [, path = '', name = ''] = type.split(':');
    const [module = ''] = path.split('/');
    const source = program.getSourceFile(files.get(module) ?? '');
    const symbol = source && checker.getSymbolAtLocation(source);
    const args =
      symbol && checker.getExportsOfModule(symbol).find((is) => is.name === `${name}Args`);
    if (args === undefined) throw new Error(`the provider's package has no ${type}`);
    const target =
      (args.flags & ts.SymbolFlags.Alias) === 0 ? args : checker.getAliasedSymbol(args);
    return checker.getDeclaredTypeOfSymbol(target);
  }

  return {
    faultsOf: ({ type, inputs }) => memberFaults(inputs, argsOf(type), type),
    enumsChecked: () => enumsChecked,
  };
}

const PRIMITIVES: Readonly<Record<string, ts.TypeFlags>> = {
  string: ts.TypeFlags.StringLike,
  number: ts.TypeFlags.NumberLike,
  boolean: ts.TypeFlags.BooleanLike,
};

const isAsset = (value: object): boolean => '__pulumiArchive' in value || '__pulumiAsset' in value;
