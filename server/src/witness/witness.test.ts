import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromBase64Url } from '../../../src/wire/bytes.ts';
import { hlsRoom, readWitnessAnswer, sealedText, sheetOf } from '../../../src/wire/hls-seal.ts';
import { readService } from '../../../src/wire/service.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import { readByteCore } from '../assets.ts';
import type { ShoalServer } from '../index.ts';
import { Cdn } from '../testing/cdn.ts';
import { startServer } from '../testing/servers.ts';
import { hlsRooms } from './hls-rooms.ts';
import { Witness } from './witness.ts';

const core = await ByteCore.load(await readByteCore());

const startCdn = async (): Promise<Cdn> => {
  const cdn = new Cdn();
  await cdn.start();
  onTestFinished(() => cdn.close());
  return cdn;
};

const ask = (server: ShoalServer, segment: string): Promise<Response> =>
  fetch(`${server.url}/witness?segment=${encodeURIComponent(segment)}`);

const codeOf = async (response: Response): Promise<[number, unknown]> => [
  response.status,
  ((await response.json()) as { readonly code?: unknown }).code,
];

describe('a witness', () => {
  it('signs what it has seen, once however many ask, and lets caches keep its word', async () => {
    const cdn = await startCdn();
    const body = randomBytes(20_000);
    cdn.put('/film/a.ts', body);
    const server = await startServer({ witness: [`${cdn.url}/film`] });
    const responses = await Promise.all([1, 2, 3].map(() => ask(server, `${cdn.url}/film/a.ts`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(responses[0]?.headers.get('cache-control')).toContain('immutable');
    expect(cdn.asked('/film/a.ts')).toBe(1);
    const answer = readWitnessAnswer(await responses[0]?.json());
    if ('kind' in answer) throw new Error(answer.detail);
    const [seal] = answer.seals;
    expect(seal?.name).toBe(`${cdn.url}/film/a.ts`);
    expect(seal?.length).toBe(body.length);
    expect(seal?.root).toEqual(sheetOf((bytes) => core.blake3(bytes), body).root);
    const key = fromBase64Url(server.originKey) ?? new Uint8Array(0);
    expect(core.verify(key, sealedText('', answer.seals), answer.signature)).toBe(true);
    expect(core.verify(key, sealedText('/x', answer.seals), answer.signature)).toBe(false);
  });

  it('signs a range of a file under a name of its own', async () => {
    const cdn = await startCdn();
    const body = randomBytes(5_000);
    cdn.put('/film/all.mp4', body);
    const server = await startServer({ witness: [`${cdn.url}/film`] });
    const answer = readWitnessAnswer(await (await ask(server, `${cdn.url}/film/all.mp4#1000-1999`)).json());
    if ('kind' in answer) throw new Error(answer.detail);
    expect(answer.seals[0]).toMatchObject({ name: `${cdn.url}/film/all.mp4#1000-1999`, length: 1000 });
    expect(answer.seals[0]?.root).toEqual(sheetOf((bytes) => core.blake3(bytes), body.subarray(1000, 2000)).root);
  });

  it('looks nowhere but where its configuration says, and follows nobody elsewhere', async () => {
    const cdn = await startCdn();
    const other = await startCdn();
    other.put('/film/a.ts', 'x');
    cdn.put('/secret/a.ts', 'x');
    cdn.special = (path, _request, response) => {
      if (path !== '/film/away.ts') return false;
      response.writeHead(302, { location: `${other.url}/film/a.ts` }).end();
      return true;
    };
    const server = await startServer({ witness: [`${cdn.url}/film`] });
    expect(await codeOf(await ask(server, `${other.url}/film/a.ts`))).toEqual([403, 'hls/not-watched']);
    expect(await codeOf(await ask(server, `${cdn.url}/secret/a.ts`))).toEqual([403, 'hls/not-watched']);
    expect(await codeOf(await ask(server, `${cdn.url}/film/../secret/a.ts`))).toEqual([400, 'wire/bad-field']);
    expect(await codeOf(await ask(server, `${cdn.url}/film/away.ts`))).toEqual([502, 'hls/unreachable']);
    expect(other.askedLike(/./)).toBe(0);
    expect(cdn.asked('/secret/a.ts')).toBe(0);
  });

  it.each(['', 'film/a.ts', 'ftp://h/a', 'http://h/a?x=1', 'http://h/a#9-1', `http://h/${'a'.repeat(700)}`])(
    'knows what is no name: %s',
    async (name) => {
      const server = await startServer({ witness: ['http://h'] });
      expect(await codeOf(await ask(server, name))).toEqual([400, 'wire/bad-field']);
    },
  );

  it('says so when a segment cannot be had, and looks again later', async () => {
    const cdn = await startCdn();
    const server = await startServer({ witness: [`${cdn.url}/film`] });
    expect(await codeOf(await ask(server, `${cdn.url}/film/late.ts`))).toEqual([502, 'hls/unreachable']);
    cdn.put('/film/late.ts', 'here');
    await expect.poll(async () => (await ask(server, `${cdn.url}/film/late.ts`)).status).toBe(200);
  });

  it('is named by the service description only where there is one', async () => {
    const described = async (server: ShoalServer) =>
      readService(await (await fetch(`${server.url}/.well-known/shoal.json`)).json());
    expect(await described(await startServer({ witness: ['https://cdn.example'] }))).toMatchObject({
      witness: '/witness',
    });
    expect(await described(await startServer())).not.toHaveProperty('witness');
  });
});

describe('rooms of HLS viewers', () => {
  const parts = (prefix = '') => {
    const asked: string[] = [];
    const never = (): never => {
      throw new Error('not asked for');
    };
    const witness = new Witness({
      core,
      clock: { now: () => 0 } as never,
      log: { write: never } as never,
      seed: new Uint8Array(32),
      upstreams: ['https://cdn.example/film'],
    });
    const rooms = hlsRooms({
      witness,
      prefix,
      hasHook: false,
      serves: (path) => path === '/live/demo',
      admit: async ({ path }) => {
        asked.push(path);
        return path === '/live/demo';
      },
    });
    return { rooms, asked };
  };
  const question = { credentials: '', ip: '', action: 'join' } as const;

  it('are there for our own streams, under their admission', async () => {
    const { rooms, asked } = parts('/shoal');
    const room = hlsRoom('own', 'https://host/shoal/live/demo.m3u8');
    expect(rooms.serves(room)).toBe(true);
    expect(rooms.serves(hlsRoom('own', 'https://host/shoal/live/other.m3u8'))).toBe(false);
    expect(await rooms.admit({ path: room, ...question })).toBe(true);
    expect(asked).toEqual(['/live/demo']);
  });

  it('are there for what the witness vouches for, and for nothing else', () => {
    const { rooms } = parts();
    expect(rooms.serves(hlsRoom('cdn', 'https://cdn.example/film/index.m3u8'))).toBe(true);
    expect(rooms.serves(hlsRoom('cdn', 'https://cdn.example/other/index.m3u8'))).toBe(false);
    expect(rooms.serves(hlsRoom('cdn', 'https://elsewhere.example/film/index.m3u8'))).toBe(false);
    expect(rooms.serves('/live/demo')).toBe(true);
  });
});
