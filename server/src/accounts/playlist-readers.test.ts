import { expect, test } from 'vitest';
import { NOBODY } from './app-gate.ts';
import { PlaylistReaders } from './playlist-readers.ts';

const SHOP = { app: 'shop', viewer: 'anna' };
const CLUB = { app: 'club', viewer: 'bert' };

test('a segment is counted for who reads the playlist of that stream from the same place', () => {
  const readers = new PlaylistReaders();
  readers.note('/live/a', '10.0.0.1', SHOP);
  readers.note('/live/a', '10.0.0.2', CLUB);
  expect(readers.of('/live/a', '10.0.0.1')).toEqual(SHOP);
  expect(readers.of('/live/a', '10.0.0.2')).toEqual(CLUB);
  expect(readers.of('/live/b', '10.0.0.1')).toEqual(NOBODY);
});

test('from another place it is counted for the only app of the stream, and for nobody where there are two', () => {
  const readers = new PlaylistReaders();
  readers.note('/live/a', '10.0.0.1', SHOP);
  readers.note('/live/a', '10.0.0.2', { ...SHOP, viewer: 'carl' });
  expect(readers.of('/live/a', '10.9.9.9')).toEqual({ app: 'shop', viewer: undefined });
  readers.note('/live/a', '10.0.0.3', CLUB);
  expect(readers.of('/live/a', '10.9.9.9')).toEqual(NOBODY);
  readers.note('/live/a', '10.0.0.1', SHOP);
  expect(readers.of('/live/a', '10.9.9.9')).toEqual(NOBODY);
});

test('readers without a token say nothing, and those kept are limited', () => {
  const readers = new PlaylistReaders();
  readers.note('/live/a', '10.0.0.1', NOBODY);
  expect(readers.of('/live/a', '10.0.0.1')).toEqual(NOBODY);
  readers.note('/live/a', '10.0.0.1', SHOP);
  readers.note('/live/a', '10.0.0.2', CLUB);
  for (let at = 0; at < 50_000; at++) readers.note('/live/b', `10.1.${at}`, SHOP);
  expect(readers.of('/live/a', '10.0.0.1')).toEqual(NOBODY);
});
