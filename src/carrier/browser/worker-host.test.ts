import { afterEach, expect, it, vi } from 'vitest';
import { type ErrorCode, ShoalError } from '../../errors.ts';
import { FakeWorker } from '../testing/fake-worker.ts';
import { LIFE_LOCK } from '../worker-control.ts';
import { type WorkerFace, WorkerHost, type WorkerHostOptions } from './worker-host.ts';

const hosts: WorkerHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.end();
  vi.useRealTimers();
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
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let silent = false;
  const never = new Promise<never>(() => undefined) as never;
  const worker = new FakeWorker({ ping: () => (silent ? never : undefined), explain: () => [] });
  const { host: it, died } = host(worker, { callWithinMs: 10_000, pingEveryMs: 5000 });
  /** Lets time pass and then what was said arrive: answers come in the order of the calls. */
  const pass = async (ms: number): Promise<string> => {
    vi.advanceTimersByTime(ms);
    return codeOf(it.call('explain', []));
  };
  const ping = () => pass(5000);
  const missPing = async (): Promise<string> => {
    silent = true;
    await ping();
    silent = false;
    return pass(10_000);
  };
  await ping();
  await missPing();
  await ping();
  expect(await missPing()).toMatch(/^answered/);
  expect(died).toEqual([]);
  expect(await missPing()).toBe('worker/died');
  expect(died).toEqual(['worker/died']);
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
