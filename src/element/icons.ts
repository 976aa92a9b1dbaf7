/**
 * The icons of the controls: drawn lines on a grid of 24, one path per mode of a button.
 */

/** Paths by button and mode. */
export const icons = {
  play: { off: 'M8 5.5v13l10.5-6.5z', on: 'M8.5 6v12M15.5 6v12' },
  sound: {
    on: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11',
    off: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  },
  captions: { off: 'M4 6h16v12H4zM10.5 10.6a2 2 0 1 0 0 2.8M17 10.6a2 2 0 1 0 0 2.8' },
  pip: { off: 'M4 6h16v12H4zM12.5 12h5v3.5h-5z' },
  fullscreen: {
    off: 'M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15',
    on: 'M9 4.5V9H4.5M19.5 9H15V4.5M15 19.5V15h4.5M4.5 15H9v4.5',
  },
  why: {
    off: 'M6 7.5a2 2 0 1 0 0-.1M18 7.5a2 2 0 1 0 0-.1M12 18.5a2 2 0 1 0 0-.1M7.6 9.4l3.2 7M16.4 9.4l-3.2 7M8.5 7.4h7',
  },
  close: { off: 'M6.5 6.5l11 11M17.5 6.5l-11 11' },
} as const;
