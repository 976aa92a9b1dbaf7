// <shoal-player> on a page without code: it plays, obeys its attributes, its buttons and the keyboard, and says what is
// wrong in words.

import type { Page } from 'playwright';
import { describe, expect } from 'vitest';
import { startChromium } from './fixtures/chromium.ts';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { heardBy, hears, isIn, openElement, paints, stateOf } from './fixtures/element-page.ts';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** A fact about the video inside. */
const video = <T>(page: Page, read: (video: HTMLVideoElement) => T): Promise<T> =>
  page.locator('shoal-player video').evaluate(read as never) as Promise<T>;

describe('an element with autoplay', () => {
  it('plays, and shows that it is live', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'plays');
    await isIn(page, 'playing');
    await paints(page);
    expect((await hears(page, 'started')).detail).toMatchObject({ mode: 'shared' });
    expect(await page.getByRole('region', { name: 'Live video' }).count()).toBe(1);
    expect(await page.getByRole('status').innerText()).toBe('Live');
    expect(await page.evaluate(() => document.querySelector('shoal-player')?.matches(':state(playing)'))).toBe(true);
  });

  it('gives sound up before the picture where the browser wants a click, and offers it', async ({ stage }) => {
    await stage.serve();
    const browser = await startChromium({ autoplay: 'blocked' });
    stage.later(() => browser.close());
    const told: string[] = [];
    const before = (): void => {
      addEventListener('DOMContentLoaded', () => {
        const element = document.querySelector('shoal-player');
        element?.addEventListener('sound', (event) => console.info(`sound ${(event as CustomEvent).detail.sound}`));
        element?.addEventListener('started', () => console.info('started'));
      });
    };
    const page = await openElement(stage, 'quiet', { attributes: 'autoplay controls', browser, before, told });
    await eventually(
      'it plays without sound',
      () => told.includes('sound muted-by-browser') && told.includes('started'),
    );
    await button(page, 'Tap for sound').click();
    await eventually('it sounds', async () => !(await video(page, ({ muted }) => muted)));
    expect(await video(page, ({ paused }) => paused)).toBe(false);
    expect(await button(page, 'Tap for sound').isVisible()).toBe(false);
    await paints(page);
  });
});

describe('an element without autoplay', () => {
  it('asks nobody for anything until it is clicked, and then sounds', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'idle', { attributes: 'controls' });
    await button(page, 'Play').first().waitFor();
    expect(await stateOf(page)).toBe('idle');
    expect(stage.server.streams()).toEqual([]);
    await page.locator('shoal-player').getByRole('button', { name: 'Play' }).first().click();
    await isIn(page, 'playing');
    expect(await video(page, ({ muted }) => muted)).toBe(false);
  });

  it('shows its poster until there is a picture', async ({ stage }) => {
    await stage.serve();
    const pixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';
    const page = await openElement(stage, 'poster', { attributes: `controls muted poster="${pixel}"` });
    const poster = page.locator('shoal-player img');
    expect(await poster.isVisible()).toBe(true);
    await page.evaluate(() => (document.querySelector('shoal-player') as unknown as { play(): void }).play());
    await hears(page, 'started');
    await eventually('the poster goes', async () => !(await poster.isVisible()));
  });
});

describe('the controls', () => {
  it('pause, play on at the live edge and mute, by mouse and by keys', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'keys');
    await isIn(page, 'playing');
    await button(page, 'Pause').click();
    await isIn(page, 'paused');
    expect(await video(page, ({ paused }) => paused)).toBe(true);
    // The button has the focus: the space bar is its own, K is the player's.
    await page.keyboard.press('k');
    await isIn(page, 'playing');
    await page.keyboard.press('Space');
    await isIn(page, 'paused');
    await page.keyboard.press('K');
    await isIn(page, 'playing');
    await page.keyboard.press('m');
    await eventually('it sounds', async () => !(await video(page, ({ muted }) => muted)));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await video(page, ({ volume }) => volume)).toBeCloseTo(0.9);
    await page.keyboard.press('f');
    await eventually('it fills the screen', () =>
      page.evaluate(() => document.fullscreenElement?.localName === 'shoal-player'),
    );
    await page.keyboard.press('f');
    await eventually('it does not', () => page.evaluate(() => document.fullscreenElement === null));
    await page.keyboard.press('Control+k');
    expect(await stateOf(page)).toBe('playing');
  });

  it('are reached by the tab key, in the order they stand', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'tabs');
    await isIn(page, 'playing');
    const reached: (string | null | undefined)[] = [];
    for (let at = 0; at < 6; at++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute('aria-label')),
      );
    }
    expect(reached.slice(0, 4)).toEqual(['Pause', 'Unmute', 'Volume', 'How this stream reaches you']);
    expect(reached).toContain('Full screen');
  });

  it('say how the stream gets here', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'why');
    await isIn(page, 'playing');
    await button(page, 'How this stream reaches you').click();
    await page
      .getByText(/substreams|Nobody else watches|Links to neighbours|has not let this viewer in/)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('heading', { name: 'How this stream reaches you' }).isVisible()).toBe(false);
  });

  it('show and hide captions where there are some', async ({ stage }) => {
    await stage.serve();
    const none = await openElement(stage, 'none');
    await isIn(none, 'playing');
    expect(await button(none, 'Captions').isVisible()).toBe(false);
    const track = '<track kind="captions" srclang="en" label="English" src="data:text/vtt,WEBVTT">';
    const page = await openElement(stage, 'captions', { inside: track });
    await isIn(page, 'playing');
    await button(page, 'Captions').click();
    expect(await video(page, ({ textTracks }) => textTracks[0]?.mode)).toBe('showing');
    await page.keyboard.press('c');
    expect(await video(page, ({ textTracks }) => textTracks[0]?.mode)).toBe('disabled');
    await page.evaluate(() => document.querySelector('track')?.remove());
    await eventually('the button goes with the track', async () => !(await button(page, 'Captions').isVisible()));
  });

  it('can be styled by part and spoken to in another language', async ({ stage }) => {
    await stage.serve();
    const style = '<style>shoal-player::part(live) { color: rgb(1, 2, 3) }</style>';
    const page = await openElement(stage, 'styled', { inside: style });
    await isIn(page, 'playing');
    const colour = await page.locator('shoal-player [part=live]').evaluate((node) => getComputedStyle(node).color);
    expect(colour).toBe('rgb(1, 2, 3)');
    await page.evaluate(() => {
      Object.assign(document.querySelector('shoal-player') ?? {}, { labels: { pause: 'Anhalten' } });
    });
    expect(await button(page, 'Anhalten').count()).toBe(1);
    expect(await button(page, 'Unmute').count()).toBe(1);
  });
});

describe('an element that cannot play', () => {
  it('names the attribute that is wrong, and plays when it is put right', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'wrong', { attributes: 'autoplay muted controls latency="soon"' });
    await isIn(page, 'failed');
    const alert = page.getByRole('alert');
    expect(await alert.innerText()).toContain('latencyMs: wanted a whole number');
    expect((await hears(page, 'error')).detail).toMatchObject({ code: 'options/invalid' });
    await page.evaluate(() => document.querySelector('shoal-player')?.removeAttribute('latency'));
    await isIn(page, 'playing');
    expect(await alert.isVisible()).toBe(false);
  });

  it('says that the stream is not live, and begins when it is', async ({ stage }) => {
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    const upstream = await stage.serveFromUpstream();
    await upstream.kill();
    const page = await openElement(stage, 'later');
    await page
      .getByText(/not live right now|cannot be reached/)
      .first()
      .waitFor();
    await upstream.start();
    await isIn(page, 'playing');
    expect(await page.locator('shoal-player [part=notice]').isVisible()).toBe(false);
  });

  it('says who is not admitted, and tries again when asked', async ({ stage }) => {
    stage.complaints.expect(...REFUSED_CONNECTIONS, /^console error: Failed to load resource: .*403/);
    await stage.serve({ hook: `${stage.pages.address}/nobody-is-admitted` });
    const page = await openElement(stage, 'refused');
    await isIn(page, 'failed');
    expect(await page.getByRole('alert').innerText()).toContain('You are not admitted to this stream');
    const starts = (await heardBy(page)).filter(({ name }) => name === 'error').length;
    await button(page, 'Try again').click();
    await eventually('it was refused again', async () => {
      const errors = (await heardBy(page)).filter(({ name }) => name === 'error').length;
      return errors > starts && (await stateOf(page)) === 'failed';
    });
  });

  it('shows when the stream has ended', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const page = await openElement(stage, 'ends');
    await isIn(page, 'playing');
    upstream.end();
    await isIn(page, 'ended');
    expect(await page.getByRole('heading', { name: 'The stream has ended' }).isVisible()).toBe(true);
    await hears(page, 'ended');
  });
});
