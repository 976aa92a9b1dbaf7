import { describe, expect, it, vi } from 'vitest';
import { findPlace, readSource } from './source-place.ts';

vi.stubGlobal('location', { protocol: 'https:' });

describe('an address', () => {
  it('is trimmed and keeps its query', () => {
    expect(readSource(' http://cdn.example/live/a.flv?token=t ', 'https://page.example/').href).toBe(
      'http://cdn.example/live/a.flv?token=t',
    );
  });

  it.each([
    '',
    7,
    'ftp://a.example/a.flv',
    'http://a.example/a.m3u8',
    'rtmp:///app/a',
    `http://a/${'x'.repeat(5000)}.flv`,
  ])('%s is none', (address) => expect(() => readSource(address, 'https://page.example/')).toThrow('option'));
});

describe('the place of a source', () => {
  const description = { version: 1, tracker: '/tracker', originKeys: [], iceServers: [], sources: '/p/sources' };
  const service = 'https://p2p.example/.well-known/shoal.json';
  const asked: string[] = [];
  const answering =
    (stream: Response, described: object = description): typeof fetch =>
    async (input) => {
      asked.push(String(input));
      return String(input) === service ? Response.json(described) : stream;
    };
  const nobody: typeof fetch = () => Promise.reject(new TypeError('offline'));

  it('is its own host without a service, with the scheme of the page for RTMP', async () => {
    expect(await findPlace(new URL('http://cdn.example/a/b.flv?t=1'), undefined, nobody)).toBe(
      'http://cdn.example/a/b.flv?t=1',
    );
    expect(await findPlace(new URL('rtmp://cam.example:1936/app/b?t=1'), undefined, nobody)).toBe(
      'https://cam.example/app/b.flv?t=1',
    );
  });

  it('is what the service says, which does not learn the query', async () => {
    const get = answering(Response.json({ stream: '/p/live/cam.flv' }));
    expect(await findPlace(new URL('rtmp://cam.example/app/cam?secret=1'), service, get)).toBe(
      'https://p2p.example/p/live/cam.flv?secret=1',
    );
    expect(asked.at(-1)).toBe('https://p2p.example/p/sources?url=rtmp%3A%2F%2Fcam.example%2Fapp%2Fcam');
  });

  it("is not asked for when it is the service's own", async () => {
    expect(await findPlace(new URL('https://p2p.example/live/a.flv'), service, nobody)).toBe(
      'https://p2p.example/live/a.flv',
    );
  });

  it.each([
    ['service/unknown-upstream', answering(new Response('', { status: 403 }))],
    ['service/unknown-upstream', answering(new Response(''), { ...description, sources: undefined })],
    ['service/bad-answer', answering(Response.json({ stream: 7 }))],
    ['service/bad-answer', answering(new Response(''), { version: 1 })],
    ['service/not-found', answering(new Response('', { status: 500 }))],
    ['service/not-found', nobody],
  ])('is not found: %s', async (code, get) => {
    await expect(findPlace(new URL('http://x.example/a.flv'), service, get)).rejects.toMatchObject({ code });
  });
});
