/**
 * Counts the ArrayBuffers that JavaScript allocates while a piece of code runs, by instrumenting every way there is to
 * make one: the constructors of buffers and typed arrays, `from` and `of`, and the methods that return a fresh array.
 * Views of existing buffers do not count.
 */

const FRESH_METHODS = ['slice', 'map', 'filter', 'toReversed', 'toSorted', 'with'] as const;
const ARRAYS = [
  'Uint8Array',
  'Uint8ClampedArray',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

/** Allocations by where they happened. */
export type Sites = ReadonlyMap<string, number>;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** The counter; instruments at `install` and takes it all back at `remove`. */
export class BufferCount {
  readonly #sites = new Map<string, number>();
  readonly #undo: (() => void)[] = [];
  #depth = 0;

  /** Counts what `work` allocates. */
  during<T>(work: () => T): T {
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  /** Does not count what `work` allocates, though it is part of counted work. */
  except<T>(work: () => T): T {
    const depth = this.#depth;
    this.#depth = 0;
    try {
      return work();
    } finally {
      this.#depth = depth;
    }
  }

  get sites(): Sites {
    return this.#sites;
  }

  install(): void {
    const buffers: object = ArrayBuffer;
    this.#replace(
      globalThis,
      'ArrayBuffer',
      this.#counting(buffers, () => true),
    );
    this.#method(ArrayBuffer.prototype, 'slice');
    for (const name of ARRAYS) {
      const made: object = Reflect.get(globalThis, name);
      this.#replace(
        globalThis,
        name,
        this.#counting(made, ([first]) => !isBuffer(first)),
      );
    }
    const shared: object = Object.getPrototypeOf(Uint8Array.prototype);
    for (const name of FRESH_METHODS) this.#method(shared, name);
  }

  remove(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  #note(): void {
    if (this.#depth === 0) return;
    const frames = (new Error().stack ?? '').split('\n').filter((line) => /\/(src|wasm)\//.test(line));
    const site = frames.slice(0, 4).map(siteOf).join(' < ');
    this.#sites.set(site, (this.#sites.get(site) ?? 0) + 1);
  }

  #counting(maker: object, allocates: (args: readonly unknown[]) => boolean): object {
    return new Proxy(maker, {
      construct: (target, args, created) => {
        if (allocates(args)) this.#note();
        return Reflect.construct(target as NewableFunction, args, created) as object;
      },
    });
  }

  #method(prototype: object, name: string): void {
    const original: unknown = Reflect.get(prototype, name);
    if (typeof original !== 'function') return;
    const note = (): void => this.#note();
    const counted: Method = function (...args) {
      note();
      return original.apply(this, args) as unknown;
    };
    this.#replace(prototype, name, counted);
  }

  #replace(owner: object, name: string, value: unknown): void {
    const original: unknown = Reflect.get(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: false });
    this.#undo.push(() =>
      Object.defineProperty(owner, name, { value: original, configurable: true, writable: true, enumerable: false }),
    );
  }
}

const isBuffer = (value: unknown): boolean =>
  value instanceof SharedArrayBuffer || Object.prototype.toString.call(value) === '[object ArrayBuffer]';

const siteOf = (frame: string): string => {
  const [, name = '?', file = '?'] = /at (?:new )?(.*?) \(?.*\/((?:src|wasm)\/[^:]+):/.exec(frame) ?? [];
  return `${name} ${file}`;
};
