/**
 * Reads a stream as plain FLV and counts its bytes: the measure of what each viewer would have cost without sharing.
 */
import { get } from 'node:http';

/** A running reader. */
export interface PlainReader {
  readonly bytes: number;
  close(): void;
}

/** Starts reading; resolves with the first bytes. */
export const readPlain = (url: string): Promise<PlainReader> =>
  new Promise((resolve, reject) => {
    const reader = { bytes: 0, close: () => void request.destroy() };
    const request = get(url, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      response.on('data', (chunk: Buffer) => {
        reader.bytes += chunk.length;
        resolve(reader);
      });
      // Closing it is an error of the response.
      response.on('error', () => undefined);
    });
    request.on('error', reject);
  });
