import { afterEach, expect, it, vi } from 'vitest';
import { type ErrorCode, ShoalError } from '../../errors.ts';
import { FakeWorker } from '../testing/fake-worker.ts';
import { LIFE_LOCK } from '../worker-control.ts';
import { type WorkerFace, WorkerHost, type WorkerHostOptions } from './worker-host.ts';

const hosts: WorkerHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.end();
});

const host = (worker: WorkerFace, options: Partial<WorkerHostOptions> = {}) => {
  const died: ErrorCode[] = [];
  const made = new WorkerHost({
    start: () => worker,
    locks: undefined,
    died: (error) => void died.push(error.code),
    ...options,
  });
  hosts.push(made);
  return { host: made, died };
};

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    return `answered ${String(await call)}`;
  } catch (error) {
    return (error as ShoalError).code;
  }
};

it('answers calls, and errors arrive with their code and detail', async () => {
  const worker = new FakeWorker({
    explain: () => ['because'],
    stats: () => {
      throw new ShoalError('core/bad-argument', { detail: 'sequence' });
    },
    pause: () => {
      throw new TypeError('not one of ours');
    },
  });
  const { host: it } = host(worker);
  expect(await it.call('explain', [])).toEqual(['because']);
  const known = await it.call('stats', []).catch((error: unknown) => error);
  expect(known).toBeInstanceOf(ShoalError);
  expect(known).toMatchObject({ code: 'core/bad-argument', detail: 'sequence', severity: 'fatal' });
  const unknown = await it.call('pause', []).catch((error: unknown) => error);
  expect(unknown).toMatchObject({ code: 'worker/call-failed', detail: 'not one of ours' });
});

it('ends every outstanding call when the worker crashes, says so once, and refuses later calls', async () => {
  const worker = new FakeWorker({ explain: () => new Promise<never>(() => undefined) as never });
  const { host: it, died } = host(worker);
  const calls = [it.call('explain', []), it.call('explain', [])];
  worker.crash();
  worker.crash();
  expect(await Promise.all(calls.map(codeOf))).toEqual(['worker/died', 'worker/died']);
  expect(await codeOf(it.call('explain', []))).toBe('worker/died');
  expect([died, worker.terminated]).toEqual([['worker/died'], 1]);
});

it('bounds the time of a call', async () => {
  const worker = new FakeWorker({ explain: () => new Promise<never>(() => undefined) as never, ping: () => undefined });
  const { host: it, died } = host(worker, { callWithinMs: 20 });
  expect(await codeOf(it.call('explain', []))).toBe('worker/call-timeout');
  expect(died).toEqual([]);
});

it('notices a worker that vanished by the lock it held', async () => {
  const worker = new FakeWorker({});
  let release: () => void = () => undefined;
  const asked: string[] = [];
  const request = (name: string, _options: unknown, granted: () => void) => {
    asked.push(name);
    return new Promise<void>((resolve) => {
      release = () => {
        granted();
        resolve();
      };
    });
  };
  const { died } = host(worker, { locks: { request } as unknown as LockManager });
  worker.say({ [LIFE_LOCK]: 'shoal-1' });
  await vi.waitFor(() => expect(asked).toEqual(['shoal-1']));
  expect(died).toEqual([]);
  release();
  expect(died).toEqual(['worker/died']);
});

it('notices a worker that gives no more signs of life, but forgives one that was late', async () => {
  let silent = false;
  let pings = 0;
  const never = new Promise<never>(() => undefined) as never;
  const worker = new FakeWorker({
    ping: () => {
      pings += 1;
      return silent || pings === 2 ? never : undefined;
    },
  });
  const { died } = host(worker, { callWithinMs: 15, pingEveryMs: 5 });
  await vi.waitFor(() => expect(pings).toBeGreaterThan(4));
  expect(died).toEqual([]);
  silent = true;
  await vi.waitFor(() => expect(died).toEqual(['worker/died']));
});

it('asks a worker to leave before it ends it, and reports nothing', async () => {
  let stops = 0;
  const worker = new FakeWorker({
    stop: () => {
      stops += 1;
    },
  });
  const { host: it, died } = host(worker);
  it.end();
  it.end();
  await vi.waitFor(() => expect(worker.terminated).toBe(1));
  expect([stops, died]).toEqual([1, []]);
});

it('says when the browser refuses to start a worker', () => {
  const refuse = () => {
    throw new DOMException('refused', 'SecurityError');
  };
  expect(() => new WorkerHost({ start: refuse, locks: undefined, died: () => undefined })).toThrow(
    expect.objectContaining({ code: 'worker/start-failed' }),
  );
});
