import { expect, it } from 'vitest';
import { VirtualPlayhead } from './virtual-playhead.ts';

const span = (newestMs: number) => ({ firstMs: 1000, newestMs });

it('begins with the first sample and moves in real time, at the speed it is told', () => {
  const head = new VirtualPlayhead(true);
  expect(head.look(0)).toBeUndefined();
  head.extend(100, span(3000));
  expect(head.look(600)).toEqual({ shownMs: 1500, bufferedMs: 3000, playing: true, stalled: false });
  head.setRate(600, 1.1);
  expect(head.look(700)?.shownMs).toBeCloseTo(1610);
  head.seek(700, 2500);
  expect(head.look(700)?.shownMs).toBe(2500);
});

it('stands when it has nothing more, says since when, and goes on with two frames ahead', () => {
  const head = new VirtualPlayhead(true);
  head.extend(0, span(1200));
  expect(head.look(500)).toMatchObject({ shownMs: 1200, stalled: true });
  expect(head.dryMs(500)).toBe(300);
  head.extend(600, span(1240));
  expect(head.look(610)).toMatchObject({ shownMs: 1200, stalled: true });
  head.extend(620, span(1300));
  expect(head.look(620)?.stalled).toBe(false);
  expect(head.look(660)).toMatchObject({ shownMs: 1240, stalled: false });
});

it('stands still while paused, and starts anew with the next run', () => {
  const head = new VirtualPlayhead(true);
  head.extend(0, span(9000));
  head.setPlaying(100, false);
  expect(head.look(5000)).toMatchObject({ shownMs: 1100, playing: false, stalled: false });
  head.beginRun();
  expect(head.look(5000)).toBeUndefined();
  head.setPlaying(5000, true);
  head.extend(5000, { firstMs: 50, newestMs: 90 });
  expect(head.look(5010)?.shownMs).toBe(60);
});
