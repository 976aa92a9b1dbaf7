/**
 * What a page and the worker that writes a file for it say to each other.
 */

/** To the worker: which file, and from where on; then its bytes; then that it is over. */
export type FileOrder =
  | { readonly kind: 'open'; readonly handle: FileSystemFileHandle; readonly resume: boolean }
  | { readonly kind: 'write'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'close' };

/** From the worker, one word for each order: done, with the file's size and the memory of what was written, or not, with why. */
export type FileWord =
  | { readonly kind: 'done'; readonly size: number; readonly spare: ArrayBuffer | undefined }
  | { readonly kind: 'failed'; readonly why: string };
