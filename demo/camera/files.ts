/**
 * The camera's files of a day, each with a button that downloads it. What has come of a file stays in the page's own file
 * system, so a download that was cut goes on where it was.
 */
import { type Device, fileSink, opfsFile } from 'shoal/device';
import { element, sizeOf } from '../panels.ts';

interface CameraFile {
  readonly file_name: string;
  readonly file_size: number;
  readonly start_time: number;
  readonly end_time: number;
}

/** Lists the files between two moments, Unix seconds. */
export const showFiles = async (device: Device, from: number, to: number): Promise<void> => {
  const lists = await Promise.all(
    ['0', '1'].map((kind) =>
      device.inner('get_file_list', { start_time: String(from), end_time: String(to), file_type: kind }),
    ),
  );
  const files = lists.flatMap(({ type, data }) =>
    type === 'success' ? (JSON.parse(data) as { readonly file_list: readonly CameraFile[] }).file_list : [],
  );
  element('no-files', HTMLElement).hidden = files.length > 0;
  element('files', HTMLTableSectionElement).replaceChildren(...files.map((file) => rowOf(device, file)));
};

const rowOf = (device: Device, file: CameraFile): HTMLTableRowElement => {
  const row = document.createElement('tr');
  const time = (seconds: number): string => new Date(seconds * 1000).toLocaleTimeString(undefined, TO_THE_MINUTE);
  row.insertCell().textContent = `${time(file.start_time)} – ${time(file.end_time)}`;
  row.insertCell().textContent = file.file_name.split('.').at(-1) ?? '';
  row.insertCell().textContent = sizeOf(file.file_size);
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Download';
  const bar = document.createElement('progress');
  bar.max = file.file_size;
  bar.hidden = true;
  const said = document.createElement('span');
  said.className = 'quiet';
  row.insertCell().append(button, bar, said);
  let stop: (() => void) | undefined;
  button.addEventListener('click', async () => {
    if (stop !== undefined) return stop();
    bar.hidden = false;
    button.textContent = 'Pause';
    said.textContent = '';
    const isWhole = await download(device, file, {
      began: (how) => {
        stop = how;
      },
      progress: (bytes) => {
        bar.value = bytes;
      },
    }).catch((error: Error) => {
      said.textContent = error.message;
      return false;
    });
    stop = undefined;
    button.textContent = isWhole ? 'Saved' : 'Go on';
  });
  return row;
};

const TO_THE_MINUTE = { hour: '2-digit', minute: '2-digit' } as const;

interface Progress {
  began(stop: () => void): void;
  progress(bytes: number): void;
}

/** Downloads what is missing and saves the file; false when it was stopped before its end. */
const download = async (device: Device, file: CameraFile, events: Progress): Promise<boolean> => {
  const handle = await opfsFile(`camera/${file.file_name}`);
  const have = (await handle.getFile()).size;
  const sink = await fileSink(handle, { resume: have <= file.file_size });
  const until = new AbortController();
  events.began(() => until.abort());
  try {
    await device.save(file.file_name, sink, {
      signal: until.signal,
      onProgress: ({ received }) => events.progress(received),
    });
  } catch (error) {
    if (until.signal.aborted) return false;
    throw error;
  }
  save(await handle.getFile(), file.file_name);
  return true;
};

/** Hands a file to the browser's downloads. */
export const save = (file: Blob, name: string): void => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};
