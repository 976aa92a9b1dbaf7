import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readApps, readAppsFile } from './apps.ts';

const app = { id: 'shop', key: 'k', secret: 's'.repeat(16) };

test('a list of apps is read, alone or in an object', () => {
  const whole = {
    ...app,
    domains: ['Live.Example.com', '*.cdn.example:8443'],
    streams: ['/live/*'],
    pages: ['https://*.example.com', 'null'],
    packages: ['com.example'],
    tokenSeconds: 60,
  };
  expect(readApps([app])).toMatchObject([{ id: 'shop', tokenSeconds: 900, domains: undefined, pages: undefined }]);
  expect(readApps({ apps: [whole] })).toEqual([{ ...whole, domains: ['live.example.com', '*.cdn.example:8443'] }]);
});

test.each([
  ['no list', {}, 'a list "apps"'],
  ['something that is no app', [7], 'entry 1 is no object'],
  ['an id that cannot be a label', [{ ...app, id: 'a b' }], 'entry 1: id'],
  ['a secret that can be guessed', [{ ...app, secret: 'short' }], 'shop: secret'],
  ['no key', [{ ...app, key: '' }], 'shop: key'],
  ['a member nobody knows', [{ ...app, domain: ['a'] }], 'shop: there is no domain'],
  ['a domain that is an address', [{ ...app, domains: ['https://a'] }], 'shop: domains'],
  ['a page without a scheme', [{ ...app, pages: ['www.example.com'] }], 'shop: pages'],
  ['a star in the middle', [{ ...app, streams: ['/a/*/b'] }], 'shop: streams'],
  ['a life of no time', [{ ...app, tokenSeconds: 0 }], 'shop: tokenSeconds'],
  ['an app twice', [app, app], 'shop is there twice'],
])('%s is an error of the configuration that says where', (_what, value, detail) => {
  expect(() => readApps(value)).toThrow(
    expect.objectContaining({ code: 'server/bad-config', detail: expect.stringContaining(detail) }),
  );
});

test('a file that is missing, or no JSON, is an error of the configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-apps-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'apps.json');
  await expect(readAppsFile(path)).rejects.toMatchObject({ code: 'server/bad-config' });
  await writeFile(path, '{"apps":[');
  await expect(readAppsFile(path)).rejects.toMatchObject({ code: 'server/bad-config' });
  expect(await readAppsFile(undefined)).toBeUndefined();
});
