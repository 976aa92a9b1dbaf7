// The part of the WebAssembly interface that abi.ts uses, for rooms whose tsconfig has no DOM library.

type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;

declare namespace WebAssembly {
  type ExportValue = ((...values: never[]) => unknown) | Memory;
  type Exports = Record<string, ExportValue>;
  type Imports = Record<string, Record<string, ExportValue>>;

  interface Memory {
    readonly buffer: ArrayBuffer;
  }

  interface Module {
    readonly __module?: never;
  }
  const Module: { new (bytes: BufferSource): Module; prototype: Module };

  interface Instance {
    readonly exports: Exports;
  }
  const Instance: { new (module: Module, imports?: Imports): Instance };

  function compile(bytes: BufferSource): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
