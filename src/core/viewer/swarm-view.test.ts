import { describe, expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { Neighbour } from './neighbour.ts';
import { SwarmView } from './swarm-view.ts';
import { nameOf } from './testing/scene.ts';

const newcomer = (): SwarmView =>
  new SwarmView({
    out: { put: () => undefined },
    random: new Random(1),
    policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16 },
    windowCapacity: 64,
  });

describe('a viewer is senior', () => {
  test('when the tracker knew nobody else, and not otherwise', () => {
    const first = newcomer();
    first.named(nameOf('a'), true);
    const second = newcomer();
    second.named(nameOf('b'), false);
    expect([first.isSenior, second.isSenior]).toEqual([true, false]);
  });

  test('still when a tracker that has restarted met somebody else before it', () => {
    const view = newcomer();
    view.named(nameOf('a'), true);
    view.named(nameOf('d'), false);
    expect(view.isSenior).toBe(true);
  });

  test('no more when it has left and comes back to others', () => {
    const view = newcomer();
    view.named(nameOf('a'), true);
    view.left();
    view.named(nameOf('d'), false);
    expect(view.isSenior).toBe(false);
  });

  test('only as long as the swarm is tiny', () => {
    const view = newcomer();
    view.named(nameOf('a'), true);
    for (const [link, letter] of [...'bcd'].entries()) view.neighbours.add(new Neighbour(link, nameOf(letter), 0, 12));
    expect(view.isSenior).toBe(false);
  });
});
