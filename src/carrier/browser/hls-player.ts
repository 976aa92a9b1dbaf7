/**
 * hls.js behind one door, loaded when a page plays an .m3u8 address: plain playback, nothing is shared.
 */
import type { RunFailure } from './mpegts-run.ts';

/** Plays an .m3u8 address on a video element. */
export const playHls = async (
  video: HTMLVideoElement,
  url: string,
  failed: (failure: RunFailure) => void,
): Promise<{ destroy(): void }> => {
  const { default: Hls } = await import('hls.js');
  if (!Hls.isSupported()) {
    // Browsers without MediaSource for pages play HLS themselves.
    video.src = url;
    return {
      destroy() {
        video.removeAttribute('src');
        video.load();
      },
    };
  }
  const hls = new Hls({ lowLatencyMode: true, backBufferLength: 15 });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    const isNetwork = data.type === Hls.ErrorTypes.NETWORK_ERROR;
    failed({ code: isNetwork ? 'origin/unreachable' : 'media/playback-failed', detail: data.details });
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return { destroy: () => hls.destroy() };
};
