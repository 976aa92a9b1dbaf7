import { describe, expect, it } from 'vitest';
import { readVirtual, virtualBase } from './pipe-messages.ts';
import { routeOf } from './routes.ts';

describe('a virtual address', () => {
  const base = virtualBase('https://shop.example/app/', 'client-1', 'ab12');

  it('names the page that answers, and its door', () => {
    expect(base).toBe('https://shop.example/app/__shoal__/client-1.ab12/');
    expect(readVirtual(`${base}1/media.flv?x=1`, 'https://shop.example/app/')).toEqual({
      client: 'client-1',
      door: 'ab12',
      path: '1/media.flv',
      query: '?x=1',
    });
  });

  it.each([
    'https://shop.example/app/index.html',
    'https://shop.example/__shoal__/c/1/media.flv',
    'https://other.example/app/__shoal__/c/1/media.flv',
    'https://shop.example/app/__shoal__/',
    'https://shop.example/app/__shoal__/client-1',
    'https://shop.example/app/__shoal__/client-1/1/media.flv',
    'https://shop.example/app/__shoal__/client-1.ab12',
  ])('%s is none', (address) => expect(readVirtual(address, 'https://shop.example/app/')).toBeUndefined());
});

describe('a route', () => {
  it('leads to a stream the page has opened', () => {
    expect(routeOf('1/media.flv', '')).toEqual({ kind: 'media', name: '1' });
  });

  it('leads to a source, and our own names do not travel on', () => {
    const query = '?token=a%26b&xresid=room&xhost=cdn.example:8080&xscheme=https';
    expect(routeOf('live.p2p.com/shop.example/live/cam.flv', query)).toEqual({
      kind: 'proxied',
      source: { url: 'https://cdn.example:8080/live/cam.flv?token=a%26b', resource: 'room', key: 'room' },
    });
  });

  it('has usual values: http, the host of the address, the name of the file', () => {
    expect(routeOf('live.p2p.com/cdn.example/live/cam.flv', '')).toEqual({
      kind: 'proxied',
      source: { url: 'http://cdn.example/live/cam.flv', resource: 'cam', key: 'cdn.example/live/cam.flv' },
    });
  });

  it('leads to an RTMP source, whose names have no ending', () => {
    expect(routeOf('x/cam.example/app/one.flv', '?xscheme=rtmp')).toMatchObject({
      source: { url: 'rtmp://cam.example/app/one' },
    });
  });

  it.each([
    ['x/cdn.example/a.flv', '?xhost=ex%61mple%2Fpath'],
    ['x/cdn.example/a.flv', '?xhost=user@cdn.example'],
    ['x/cdn.example/a.flv', '?xscheme=file'],
    ['x/cdn.example/a.flv', `?xresid=${'r'.repeat(300)}`],
    ['x/cdn.example/a.mp4', ''],
    ['x/a.flv', ''],
    ['', ''],
    ['x/feature', '?upload=2'],
  ])('refuses %s%s', (path, query) => expect(routeOf(path, query).kind).toBe('unknown'));

  it('answers for bytes under both names of a resource, and beside a stream', () => {
    expect(routeOf('live.p2p.com/stat', '?xresid=cam')).toMatchObject({ kind: 'stat', resource: 'cam' });
    expect(routeOf('stat', '?channel=cam')).toMatchObject({ resource: 'cam', name: undefined });
    expect(routeOf('1/stat', '')).toEqual({ kind: 'stat', resource: undefined, name: '1' });
  });

  it('reads switches, absent ones being on', () => {
    expect(routeOf('x/feature', '?upload=0')).toEqual({ kind: 'feature', download: true, upload: false });
    expect(routeOf('feature', '')).toEqual({ kind: 'feature', download: true, upload: true });
  });
});
