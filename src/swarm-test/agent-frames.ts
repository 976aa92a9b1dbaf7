/**
 * The part of the agent that watches what is really painted. A page that is blocked, or a machine that is busy, paints late
 * too, but has something to paint: only pauses in which the element ran dry are stalls.
 */

/** A pause of the picture. */
export interface Stall {
  /** Since the page began, ms. */
  readonly atMs: number;
  readonly gapMs: number;
  /** When it was over, Unix ms. */
  readonly endedAt: number;
}

/** What was painted for one player. */
export interface FrameLog {
  painted: number;
  /** Pauses of more than 250 ms between two painted frames, for want of data. */
  stalls: Stall[];
  lastAtMs: number | undefined;
  /** Position in the stream of the newest frame, seconds. */
  mediaTime: number;
  /** Seconds of the stream that were painted. */
  playedSeconds: number;
}

/** Logs every painted frame of an element until its player is over. Runs in the page, so it uses nothing from outside itself. */
export function watchFrames(video: HTMLVideoElement, log: FrameLog, isOver: () => boolean): void {
  const STALL_MS = 250;
  /** With less than this ahead an element has nothing to paint: two frames. */
  const DRY_SECONDS = 0.08;
  /** A jump, such as over an outage, is not played time. */
  const JUMP_SECONDS = 5;
  let presented = 0;
  let driedAtMs = Number.NEGATIVE_INFINITY;

  const ahead = (): number => {
    const { buffered, currentTime } = video;
    for (let at = 0; at < buffered.length; at++) {
      if (buffered.start(at) - 0.02 <= currentTime && currentTime < buffered.end(at))
        return buffered.end(at) - currentTime;
    }
    return 0;
  };
  const looking = setInterval(() => {
    if (isOver()) clearInterval(looking);
    else if (!video.paused && ahead() < DRY_SECONDS) driedAtMs = performance.now();
  }, 25);

  const step: VideoFrameRequestCallback = (_now, frame) => {
    if (isOver()) return;
    const since = log.lastAtMs;
    if (since !== undefined && frame.presentedFrames - presented === 1) {
      const gapMs = frame.presentationTime - since;
      if (gapMs > STALL_MS && driedAtMs > since) {
        const endedAt = performance.timeOrigin + frame.presentationTime;
        log.stalls.push({ atMs: since, gapMs, endedAt });
      }
    }
    const further = frame.mediaTime - log.mediaTime;
    if (log.painted > 0 && further > 0 && further < JUMP_SECONDS) log.playedSeconds += further;
    log.painted += 1;
    log.lastAtMs = frame.presentationTime;
    log.mediaTime = frame.mediaTime;
    presented = frame.presentedFrames;
    video.requestVideoFrameCallback(step);
  };
  video.requestVideoFrameCallback(step);
}
