type Method = { readonly requestType: string; readonly responseType: string };
type Field = { readonly type: string; readonly keyType?: string; readonly extend?: string };

/** A namespace, service, message or enum as protobufjs writes it in JSON. */
export type ProtoTree = {
  readonly nested?: Readonly<Record<string, ProtoTree | Field>>;
  readonly methods?: Readonly<Record<string, Method>>;
  readonly fields?: Readonly<Record<string, Field>>;
  readonly values?: unknown;
  readonly [other: string]: unknown;
};

/**
 * The part of a protocol that some calls need: their services, with those methods alone, and every message and enum that can
 * come to lie in what they send or get.
 * @param called full names: of a method, of a service with all that it has, or, with a dot at its end, of one with none.
 * @throws {Error} naming the one that the protocol has not, and a type that is named and not there.
 */
export function trimProtos(protos: ProtoTree, called: readonly string[]): ProtoTree {
  const services = new Map<string, Record<string, Method>>();
  const types = new Set<string>();
  const need = (name: string, scope: string): void => {
    const found = typeOf(protos, name, scope);
    if (found !== undefined) types.add(found);
  };
  for (const name of called) {
    const [service, methods] = methodsOf(protos, name);
    services.set(service, { ...services.get(service), ...methods });
    for (const { requestType, responseType } of Object.values(methods))
      for (const type of [requestType, responseType]) need(type, service);
  }
  // A set hands out what is added to it while it is walked.
  for (const type of types)
    for (const field of Object.values(at(protos, type)?.fields ?? {})) need(field.type, type);

  const kept = (tree: ProtoTree, path: string): ProtoTree | undefined => {
    const nested = Object.entries(tree.nested ?? {}).flatMap(([name, child]) => {
      const inner = kept(child as ProtoTree, path === '' ? name : `${path}.${name}`);
      return inner === undefined ? [] : [[name, inner] as const];
    });
    const methods = services.get(path);
    const isKept = types.has(path) || methods !== undefined;
    if (!isKept && nested.length === 0) return undefined;
    const { nested: _nested, methods: _methods, ...own } = tree;
    return {
      ...own,
      ...(methods === undefined ? {} : { methods }),
      ...(nested.length === 0 ? {} : { nested: Object.fromEntries(nested) }),
    };
  };
  return kept(protos, '') ?? {};
}

function methodsOf(
  protos: ProtoTree,
  name: string,
): readonly [string, Readonly<Record<string, Method>>] {
  const whole = at(protos, name)?.methods;
  if (whole) return [name, whole];
  const dot = name.lastIndexOf('.');
  const [service, method] = [name.slice(0, dot), name.slice(dot + 1)];
  const methods = at(protos, service)?.methods;
  if (methods && method === '') return [service, {}];
  const found = methods?.[method];
  if (found === undefined) throw new Error(`the protocol has no ${name}`);
  return [service, { [method]: found }];
}

const SCALARS = new Set(
  'double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes'.split(
    ' ',
  ),
);

/** The full name of a type, which is looked for from the inside out; undefined for a scalar. */
function typeOf(protos: ProtoTree, name: string, scope: string): string | undefined {
  if (SCALARS.has(name)) return undefined;
  for (let around = scope; ; around = around.slice(0, Math.max(0, around.lastIndexOf('.')))) {
    const full = name.startsWith('.')
      ? name.slice(1)
      : `${around}${around === '' ? '' : '.'}${name}`;
    const found = at(protos, full);
    if (found && (found.fields || found.values)) return full;
    if (around === '' || name.startsWith('.')) throw new Error(`${scope} needs ${name}`);
  }
}

const at = (protos: ProtoTree, path: string): ProtoTree | undefined =>
  path
    .split('.')
    .reduce<ProtoTree | undefined>(
      (tree, name) => tree?.nested?.[name] as ProtoTree | undefined,
      protos,
    );
