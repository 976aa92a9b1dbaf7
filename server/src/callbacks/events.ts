// What the customer's server is told: the fields of every event, under the names of the seed system. `t` and `sign` are
// put on with each attempt.

/** A live push was cut. */
export const EVENT_CUT = 0;
/** A live push runs. */
export const EVENT_PUSHED = 1;
/** A recorded file is there. */
export const EVENT_RECORDED = 100;
/** A screenshot is there. */
export const EVENT_SCREENSHOT = 200;

/** Fields of every event. */
interface EventHead {
  readonly stream_id: string;
  /** The same as `stream_id`. */
  readonly channel_id: string;
  /** Host streams are published at. */
  readonly app: string;
  /** Folder of the stream. */
  readonly appname: string;
  readonly appid: number;
  /** The same at every attempt; push and cut of one push have the same. */
  readonly sequence: string;
  /** What the publisher gave with its address, without secrets. */
  readonly stream_param: string;
}

/** A push that runs, or was cut. */
export interface PushEvent extends EventHead {
  readonly event_type: typeof EVENT_CUT | typeof EVENT_PUSHED;
  /** Unix seconds. */
  readonly event_time: number;
  readonly update_time: number;
  /** Address of the server the stream came in at. */
  readonly node: string;
  readonly user_ip: string;
  readonly errcode: number;
  /** The same as `errcode`. */
  readonly errorcode: number;
  readonly errmsg: string;
  /** Ms; 0 for a push that has just begun. */
  readonly push_duration: number;
}

/** A recorded file. */
export interface RecordedEvent extends EventHead {
  readonly event_type: typeof EVENT_RECORDED;
  readonly video_id: string;
  readonly video_url: string;
  readonly file_size: number;
  /** Unix seconds. */
  readonly start_time: number;
  readonly end_time: number;
  /** The microseconds of `start_time` and `end_time`. */
  readonly start_time_usec: number;
  readonly end_time_usec: number;
  readonly file_id: string;
  readonly record_file_id: string;
  readonly file_format: 'flv' | 'hls' | 'mp4';
  /** Seconds. */
  readonly duration: number;
  readonly task_id: string;
  /** Timestamp of the first picture in the stream, ms. */
  readonly media_start_time: number;
}

/** A screenshot. */
export interface ScreenshotEvent extends EventHead {
  readonly event_type: typeof EVENT_SCREENSHOT;
  /** Unix seconds. */
  readonly create_time: number;
  /** Path only. */
  readonly pic_url: string;
  readonly pic_full_url: string;
  readonly file_size: number;
  readonly width: number;
  readonly height: number;
}

/** An event as it is kept until it is acknowledged. */
export type CallbackEvent = PushEvent | RecordedEvent | ScreenshotEvent;

/** An event as it is sent. */
export type SignedEvent = CallbackEvent & { readonly t: number; readonly sign: string };
