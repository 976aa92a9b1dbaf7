import { beforeEach, describe, expect, it } from 'vitest';
import type { DeviceStream } from '../device/device.ts';
import { type DownloadSink, memorySink } from '../device/download-sink.ts';
import { ShoalError } from '../errors.ts';
import { LocalDownload } from './local-download.ts';
import { callPageWith } from './page-call.ts';

let heard: string[];
let reported: unknown[];
let asked: string[];
beforeEach(() => {
  heard = [];
  reported = [];
  asked = [];
});

const streamOf = (length: string | undefined, ...parts: readonly number[]): DeviceStream => ({
  status: 200,
  headers: length === undefined ? {} : { 'content-length': length },
  body: new ReadableStream({
    start(controller) {
      for (const bytes of parts) controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  }),
  stop: () => undefined,
});

const note = (name: string) => (response?: { readonly errcode?: number }) =>
  void heard.push(response?.errcode === undefined ? name : `${name} ${response.errcode}`);

const download = (stream: DeviceStream, sink?: DownloadSink, more: object = {}): Promise<unknown> =>
  new Promise((resolve) => {
    new LocalDownload({
      ask: async (values) => {
        asked.push(String(values));
        return stream;
      },
      values: new URLSearchParams('file_name=a'),
      sink,
      callbacks: {
        onSuccess: note('success'),
        onFailure: note('failure'),
        onError: note('error'),
        onComplete: note('complete'),
        ...more,
      },
      call: callPageWith((thrown) => void reported.push(thrown)),
      over: () => void heard.push('over'),
      done: () => resolve(undefined),
    })
      .start()
      .catch(({ errcode }) => heard.push(`rejected ${errcode}`));
  });

/** A sink in whose writing something goes wrong. */
const brokenSink = (at: 'write' | 'close'): DownloadSink => {
  const fail = async (): Promise<never> => {
    throw new ShoalError('download/not-written');
  };
  const sink = memorySink();
  return { size: 0, write: at === 'write' ? fail : sink.write, close: at === 'close' ? fail : sink.close };
};

describe('a download', () => {
  it('is a success only when all the device has announced has come', async () => {
    await download(streamOf('300', 100, 200), memorySink());
    expect(heard).toEqual(['over', 'success', 'complete']);
    heard.length = 0;
    await download(streamOf('301', 100, 200), memorySink());
    expect(heard).toEqual(['over', 'error -2701', 'complete -2701']);
    heard.length = 0;
    await download(streamOf(undefined, 100), memorySink());
    expect(heard).toEqual(['over', 'success', 'complete']);
  });

  it.each(['write', 'close'] as const)('whose sink fails at its %s is an error', async (at) => {
    await download(streamOf('300', 300), brokenSink(at));
    expect(heard).toEqual(['over', 'error -2701', 'complete -2701']);
  });

  it('asks for what its sink lacks', async () => {
    const sink = memorySink();
    await sink.write(new Uint8Array(70));
    await download(streamOf('30', 30), sink);
    expect(asked).toEqual(['file_name=a&offset=70']);
    expect(sink.size).toBe(100);
  });

  it('is not harmed by a page that throws or rejects', async () => {
    await download(streamOf('300', 100, 200), undefined, {
      onReceiveChunk: () => Promise.reject(new Error('mine')),
      onHeadersReceived: () => {
        throw new Error('mine too');
      },
    });
    expect(heard).toEqual(['over', 'success', 'complete']);
    expect(reported).toHaveLength(3);
  });
});
