import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { PackedPlaylists } from './packed-playlists.ts';

const text = '#EXTM3U\n'.repeat(100);

it('packs for readers that take it, once for all of them', () => {
  const playlists = new PackedPlaylists();
  const { body, headers } = playlists.of(text, 'br, gzip');
  expect(headers).toEqual({ vary: 'accept-encoding', 'content-encoding': 'gzip' });
  expect(gunzipSync(body).toString()).toBe(text);
  expect(body.length).toBeLessThan(text.length / 4);
  expect(playlists.of(text, 'gzip').body).toBe(body);
});

it.each([undefined, '', 'br', 'gzip;q=0', 'gzip;q=0, br'])('sends it as it is to a reader of %s', (encodings) => {
  const { body, headers } = new PackedPlaylists().of(text, encodings);
  expect(body.toString()).toBe(text);
  expect(headers).toEqual({ vary: 'accept-encoding' });
});
