import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WriterCore } from '../../../wasm/flv-writer.ts';
import { opusHead } from './opus-head.ts';

it('is a header that the writer takes', async () => {
  const core = await WriterCore.load(readFileSync(new URL('../../../wasm/dist/shoal-writer.wasm', import.meta.url)));
  const head = opusHead(2, 48_000);
  expect(core.createWriter(['audio']).configure('audio', head)).toBe(true);
  expect(Buffer.from(head).toString('hex')).toBe('4f707573486561640102380180bb0000000000');
});
