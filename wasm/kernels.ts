// Single steps of the piece path on bytes that are already staged, so that a benchmark can compare the whole path
// with the sum of its parts. Nothing else uses them.

import { check, checkLength, type Linear } from './linear.ts';

/** Hash, cipher and copies, each alone. */
export class Kernels {
  readonly #linear: Linear;

  constructor(linear: Linear) {
    this.#linear = linear;
  }

  /** Copies bytes into linear memory; the steps below work on their first `length` bytes. */
  copyIn(bytes: Uint8Array): void {
    const at = this.#linear.stage(bytes.length);
    this.#linear.bytes().set(bytes, at);
  }

  /** Copies staged bytes into a buffer of the caller's. */
  copyOut(into: Uint8Array): void {
    const at = this.#linear.stage(into.length);
    into.set(this.#linear.bytes().subarray(at, at + into.length));
  }

  /** Hashes the staged bytes. */
  blake3(length: number): void {
    check(this.#linear.calls.blake3(length));
  }

  /** Encrypts the staged bytes in place; the first 32 of them are the key. */
  chacha20(length: number): void {
    check(this.#linear.calls.chacha20(length));
  }

  /** Verifies over the staged key, signature and message. */
  verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
    checkLength('signature', signature, 64);
    return check(this.#linear.calls.verify(this.#linear.put(publicKey, signature, message))) === 1;
  }
}
