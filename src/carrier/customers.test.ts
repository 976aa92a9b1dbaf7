/**
 * An application before a real server: its token lets a real viewer in, and what is wrong with it gets the number that the
 * native SDKs' pages know.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { makeViewerToken, type ShoalServer } from '../../server/src/index.ts';
import { startServer } from '../../server/src/testing/servers.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { nameOf } from '../native/codes.ts';
import { readInit } from '../plugin/arguments.ts';
import type { ViewerNotice } from '../viewer/face.ts';
import { type Application, TokenDesk } from './application-tokens.ts';
import { createNodeViewer } from './node/node-viewer.ts';

const core = await ByteCore.load(await readFile('wasm/dist/shoal.wasm'));
const good: Application = { id: 'shop', key: 'shop-key', secret: 'the secret of the shop', package: 'example.shop' };

const start = async (): Promise<ShoalServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-customers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const apps = join(folder, 'apps.json');
  const { id, key, secret } = good;
  await writeFile(apps, JSON.stringify([{ id, key, secret, packages: ['example.shop'] }]));
  return startServer({ apps });
};

const deskOf = (server: ShoalServer, application: Application): TokenDesk =>
  new TokenDesk({ tokenUrl: `${server.url}/token`, tokenProvider: undefined, application: () => application, fetch });

const watch = (url: string) => {
  const notices: ViewerNotice[] = [];
  const viewer = createNodeViewer({ url, core, notice: (notice) => notices.push(notice) });
  onTestFinished(() => viewer.stop());
  viewer.start();
  return { viewer, codes: () => notices.flatMap((notice) => (notice.kind === 'fault' ? [notice.code] : [])) };
};

it('plays with the token an application gets, and with one its own server makes', async () => {
  const server = await start();
  const { id: appId, secret } = good;
  for (const query of [await deskOf(server, good).query(), makeViewerToken({ appId, secret })]) {
    const { viewer, codes } = watch(`${server.url}/live/demo.flv?${query}`);
    await vi.waitFor(() => expect(viewer.delivered.bytes).toBeGreaterThan(50_000));
    expect(codes()).toEqual([]);
  }
});

it.each([
  ['a wrong key', { key: 'x' }, 'AUTH_FAILED'],
  ['a wrong secret', { secret: 'x' }, 'AUTH_FAILED'],
  ['an unknown id', { id: 'ship' }, 'AUTH_FAILED'],
  ['a package it was not registered under', { package: 'example.ship' }, 'AUTH_FAILED'],
  ['no id set', { id: '' }, 'CONF_INVALID'],
  ['no key set', { key: '' }, 'CONF_INVALID'],
])('%s ends in its number', async (_what, wrong, name) => {
  const server = await start();
  const failed: unknown = await deskOf(server, { ...good, ...wrong })
    .query()
    .catch((error: unknown) => error);
  expect(failed).toHaveProperty('code');
  expect(nameOf((failed as { code: Parameters<typeof nameOf>[0] }).code)).toBe(name);
});

it('a service that is not there, and one that talks nonsense, are other numbers', async () => {
  const server = await start();
  const { url } = server;
  await server.close();
  await expect(deskOf({ ...server, url }, good).query()).rejects.toMatchObject({ code: 'token/unreachable' });
  expect(nameOf('token/unreachable')).toBe('CONF_UNAVAILABLE');
});

it('a viewer with a wrong token is refused by the server, with the code of a refusal', async () => {
  const server = await start();
  const { codes } = watch(`${server.url}/live/demo.flv?${makeViewerToken({ appId: 'shop', secret: 'x' })}`);
  await vi.waitFor(() => expect(codes()).toContain('origin/refused'));
  expect(nameOf('origin/refused')).toBe('AUTH_FAILED');
});

it('the plugin asks the same service with what init was given', async () => {
  const server = await start();
  const appParams = { appOauthId: 'shop', appKey: 'shop-key', appSecretKey: good.secret, appPackage: 'example.shop' };
  const ask = (changed: object) => {
    const { params } = readInit({
      appParams: { ...appParams, ...changed },
      initParams: { tokenUrl: `${server.url}/token` },
    });
    return params.tokenProvider?.(`${server.url}/live/demo.flv`, 'start');
  };
  expect(await ask({})).toMatch(/^shoal_token=/);
  await expect(ask({ appKey: 'x' })).rejects.toMatchObject({ code: 'token/refused' });
  expect(() => readInit({ appParams, initParams: { tokenUrl: 'token' } })).toThrow('initParams.tokenUrl');
});
