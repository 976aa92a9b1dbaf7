/**
 * Meeting places of several processes: pages at one reach devices at another.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { DEVICE_CALLS_MAX } from '../../wire/limits.ts';
import type { FarOutput } from './elsewhere.ts';
import { call, infoOf, Place } from './testing/place.ts';

/** Places whose words to each other arrive at once, and a directory of devices. */
class Town {
  readonly places = new Map<string, Place>();
  readonly devices = new Map<string, string>();
  /** What is on its way, if it is held. */
  held: (() => void)[] | undefined;

  add(node: string): Place {
    const place = new Place({ connections: 10, connectionsPerAddress: 3 }, (output) => this.#carry(node, output));
    this.places.set(node, place);
    return place;
  }

  lose(node: string): void {
    this.places.delete(node);
    for (const place of this.places.values()) place.handle({ kind: 'node-gone', node });
  }

  #carry(node: string, output: FarOutput): void {
    const go = (): void => this.#deliver(node, output);
    if (this.held === undefined) go();
    else this.held.push(go);
  }

  #deliver(node: string, output: FarOutput): void {
    switch (output.kind) {
      case 'device-came': {
        const before = this.devices.get(output.device);
        this.devices.set(output.device, node);
        if (before !== undefined && before !== node)
          this.places.get(before)?.handle({ kind: 'device-elsewhere', device: output.device });
        return;
      }
      case 'device-left':
        if (this.devices.get(output.device) === node) this.devices.delete(output.device);
        return;
      case 'find': {
        const { connection, device, info } = output;
        return this.places.get(node)?.handle({ kind: 'found', connection, info, node: this.devices.get(device) });
      }
      case 'carry': {
        const { connection, request } = output;
        return this.places.get(output.node)?.handle({ kind: 'far-said', node, connection, request });
      }
      case 'carry-back': {
        const { connection, answer } = output;
        return this.places.get(output.node)?.handle({ kind: 'far-answer', node, connection, answer });
      }
    }
  }
}

let town: Town;
let here: Place;
let there: Place;
beforeEach(() => {
  town = new Town();
  here = town.add('here');
  there = town.add('there');
  there.device(1, 7);
  here.open(2);
  there.heard();
  here.heard();
});

const numberOf = (said: string | undefined): number => Number(said?.split(' ')[2]);

const meet = (): number => {
  here.say(2, call(infoOf(7)));
  const id = numberOf(here.heard()[0]);
  expect(there.heard()).toEqual([`1 called ${id}`]);
  return id;
};

describe('a page and a device of another process', () => {
  test('meet, signal and part', () => {
    const id = meet();
    here.say(2, { kind: 'signal', call: id, data: 'offer' });
    there.say(1, { kind: 'signal', call: id, data: 'answer' });
    here.say(2, { kind: 'hang-up', call: id });
    expect([...there.heard(), ...here.heard()]).toEqual([
      `1 signal ${id} offer`,
      `1 hung-up ${id}`,
      `2 signal ${id} answer`,
    ]);
    expect(there.meeting.counts).toEqual({ devices: 1, calls: 0 });
    here.say(2, { kind: 'signal', call: id, data: 'late' });
    expect(there.heard()).toEqual([]);
  });

  test.each([
    ['the page goes', () => here.handle({ kind: 'closed', connection: 2 }), [], ['1 hung-up']],
    ['the device goes', () => there.handle({ kind: 'closed', connection: 1 }), ['2 hung-up'], []],
    ['the process of the page is gone', () => town.lose('here'), [], ['1 hung-up']],
    ['the process of the device is gone', () => town.lose('there'), ['2 hung-up'], []],
  ])('part when %s', (_why, happen, saidHere, saidThere) => {
    const id = meet();
    happen();
    const numbered = (said: readonly string[]): string[] => said.map((each) => `${each} ${id}`);
    expect([here.heard(), there.heard()]).toEqual([numbered(saidHere), numbered(saidThere)]);
  });

  test('part when the device does not want to', () => {
    const id = meet();
    there.say(1, { kind: 'refuse', call: id, code: 'device/busy' });
    expect(here.heard()).toEqual([`2 refused ${id} device/busy`]);
  });

  test('do not meet where the page has gone before the answer: the device is told at once', () => {
    town.held = [];
    here.say(2, call(infoOf(7)));
    town.held.shift()?.();
    here.handle({ kind: 'closed', connection: 2 });
    for (const held = town.held; held.length > 0; ) held.shift()?.();
    expect(there.heard().map((said) => said.split(' ')[1])).toEqual(['called', 'hung-up']);
    expect(there.meeting.counts.calls).toBe(0);
  });
});

describe('a caller of other processes', () => {
  test.each([
    ['of a device that is nowhere', infoOf(7, { deviceName: 'window' }), 'device/not-there'],
    ['of a device of this name with another key', infoOf(9), 'device/not-there'],
    ['whose info is signed by another key', infoOf(7, {}, 8), 'device/bad-info'],
  ])('%s is refused', (_who, info, code) => {
    here.say(2, call(info));
    expect(here.heard()).toEqual([`2 refused 0 ${code}`]);
    expect(there.heard()).toEqual([]);
  });

  test('is refused by a process that has lost the device, and asked for nowhere else', () => {
    town.devices.set([...town.devices.keys()][0] ?? '', 'third');
    const third = town.add('third');
    here.say(2, call(infoOf(7)));
    expect([here.heard(), third.heard()]).toEqual([['2 refused 0 device/not-there'], []]);
  });

  test('is refused when the process it was waiting for is gone', () => {
    town.held = [];
    here.say(2, call(infoOf(7)));
    town.held.shift()?.();
    town.lose('there');
    expect(here.heard()).toEqual(['2 refused 0 device/not-there']);
  });

  test('has no say in the calls of others, at whatever process they are', () => {
    const id = meet();
    here.open(3);
    const third = town.add('third');
    third.open(2);
    here.heard();
    third.heard();
    for (const [place, connection] of [
      [here, 3],
      [third, 2],
    ] as const) {
      place.say(connection, { kind: 'signal', call: id, data: 'intrusion' });
      place.say(connection, { kind: 'hang-up', call: id });
    }
    there.handle({ kind: 'far-said', node: 'third', connection: 2, request: { kind: 'hang-up', call: id } });
    expect(there.heard()).toEqual([]);
    here.handle({ kind: 'far-answer', node: 'third', connection: 2, answer: { kind: 'hung-up', call: id } });
    expect(here.heard()).toEqual([]);
    expect(there.meeting.counts.calls).toBe(1);
  });

  test('makes no more calls than there is room for', () => {
    for (let at = 0; at <= DEVICE_CALLS_MAX; at++) here.say(2, call(infoOf(7)));
    expect(here.heard().at(-1)).toBe('2 refused 0 device/busy');
    expect(there.heard()).toHaveLength(DEVICE_CALLS_MAX);
  });
});

describe('a device that comes to another process', () => {
  test('leaves the one it was at', () => {
    here.device(5, 7);
    expect(there.heard()).toEqual(['1 close']);
    expect([...town.devices.values()]).toEqual(['here']);
    there.open(9);
    there.say(9, call(infoOf(7)));
    expect(here.heard().at(-1)).toMatch(/^5 called/);
  });

  test('under the key of another takes nothing from it', () => {
    here.device(5, 8);
    expect(there.heard()).toEqual([]);
    here.heard();
    meet();
  });
});
