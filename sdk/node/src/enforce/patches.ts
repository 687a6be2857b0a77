import { syncBuiltinESMExports } from 'node:module';

type Anything = (this: unknown, ...args: never[]) => unknown;

/** What is replaced while a policy is enforced, so that shutdown() can put it back. */
export type Patches = {
  /** Replaces a function by what `make` makes of it; its name, length and other properties stay. */
  replace(owner: object, name: string, make: (original: Anything) => Anything): void;
  /** Replaces a value. It is put back only if nobody else has replaced it since. */
  set(owner: object, name: PropertyKey, value: unknown): void;
  onUndo(undo: () => void): void;
  undo(): void;
};

export function createPatches(): Patches {
  const undos: (() => void)[] = [];

  function set(owner: object, name: PropertyKey, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    const values = owner as Record<PropertyKey, unknown>;
    // A global of Node's that cannot be configured can still be written to.
    if (before?.configurable === false) values[name] = value;
    else
      Object.defineProperty(owner, name, {
        value,
        writable: true,
        configurable: true,
        enumerable: before?.enumerable ?? false,
      });
    undos.push(() => {
      if (values[name] !== value) return;
      if (before === undefined) Reflect.deleteProperty(owner, name);
      else if (before.configurable === false) values[name] = before.value;
      else Object.defineProperty(owner, name, before);
    });
  }

  return {
    set,
    replace(owner, name, make) {
      const original: unknown = (owner as Record<string, unknown>)[name];
      if (typeof original !== 'function') throw new TypeError(`there is no function ${name}`);
      set(owner, name, likeOriginal(make(original as Anything), original as Anything));
    },
    onUndo: (undo) => void undos.push(undo),
    undo() {
      for (const undo of undos.splice(0).reverse()) undo();
      syncBuiltinESMExports();
    },
  };
}

function likeOriginal(wrapper: Anything, original: Anything): Anything {
  const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors(
    original,
  ) as PropertyDescriptorMap;
  return Object.defineProperties(wrapper, properties);
}
