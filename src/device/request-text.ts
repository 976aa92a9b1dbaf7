/**
 * What a device is asked, as text. Values are encoded, so nothing a page puts in can change what is asked.
 */

/** How good a live picture is to be. */
export type Quality = 'standard' | 'high' | 'super';

/** A span of recordings, Unix seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What every request may carry for the device's maker: names must not begin with an underscore. */
export type UserParams = Readonly<Record<string, string>>;

const text = (place: string, values: Readonly<Record<string, string | number>>, more: UserParams = {}): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) query.set(name, String(value));
  for (const [name, value] of Object.entries(more))
    if (!name.startsWith('_') && !query.has(name)) query.set(name, value);
  return `${place}?${query}`;
};

export const liveText = (channel: number, quality: Quality, more?: UserParams): string =>
  text('ipc.flv', { action: 'live', channel, quality }, more);

export const playbackText = (channel: number, { from, to }: Span, more?: UserParams): string =>
  text('ipc.flv', { action: 'playback', channel, start_time: from, end_time: to }, more);

export const downloadText = (channel: number, file: string, offset: number): string =>
  text('ipc.flv', { action: 'download', channel, file_name: file, offset });

export const voiceText = (channel: number, more?: UserParams): string => text('voice', { channel }, more);

export const innerCommandText = (channel: number, cmd: string, values: UserParams = {}): string =>
  text('command', { action: 'inner_define', channel, cmd }, values);

export const userCommandText = (channel: number, cmd: string): string =>
  text('command', { action: 'user_define', channel, cmd });
