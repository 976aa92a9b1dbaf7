import { describe, expect, test } from 'vitest';
import { RETRY_MS, START_MS } from './live-push.ts';
import { Pushes, type PushesInput, type PushesOutput } from './pushes.ts';

const code = '8888_81265058829fd2e50c8ec2ac78d55127';

/** Says something at a time and returns what came of it, in short. */
const stage = () => {
  const pushes = new Pushes();
  const say = (now: number, input: PushesInput): string[] => {
    pushes.handle(now, input);
    const heard: string[] = [];
    for (let output = pushes.poll(); output !== undefined; output = pushes.poll()) heard.push(inShort(output));
    return heard;
  };
  return { pushes, say };
};

const inShort = (output: PushesOutput): string => {
  switch (output.kind) {
    case 'attempt':
    case 'cancel':
      return `${output.kind} ${output.attempt}`;
    case 'state':
      return output.state;
    case 'answer':
      return `${output.ask}: ${output.why ?? 'runs'}`;
    default:
      return output.kind;
  }
};

const up = { kind: 'track-up', code, auto: true } as const;
const upByHand = { ...up, auto: false } as const;
const down = { kind: 'track-down', code } as const;
const start = (ask: number) => ({ kind: 'start', code, ask }) as const;
const started = (attempt: number) => ({ kind: 'started', code, attempt }) as const;
const failed = (attempt: number) => ({ kind: 'failed', code, attempt, why: 'origin/overloaded' }) as const;

describe('an automatic live push', () => {
  test('starts with its track, without having been asked for', () => {
    const { say, pushes } = stage();
    expect(say(0, up)).toEqual(['attempt 1', 'starting']);
    expect(say(10, started(1))).toEqual(['announce', 'running']);
    expect(pushes.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
  });

  test('has three seconds to start, and is tried again five seconds after it failed, until its publisher leaves', () => {
    const { say, pushes } = stage();
    say(0, up);
    let now = 0;
    for (let attempt = 1; attempt <= 20; attempt++) {
      expect(pushes.nextWakeup()).toBe(now + START_MS);
      now += START_MS;
      expect(say(now - 1, { kind: 'wake' })).toEqual([]);
      expect(say(now, { kind: 'wake' })).toEqual([`cancel ${attempt}`, 'retrying']);
      now += RETRY_MS;
      expect(say(now - 1, { kind: 'wake' })).toEqual([]);
      expect(say(now, { kind: 'wake' })).toEqual([`attempt ${attempt + 1}`, 'starting']);
    }
    expect(say(now + 1, { kind: 'forget', code })).toEqual(['cancel 21', 'stopped']);
    expect(pushes.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
  });

  test('is tried again five seconds after a failure that was said', () => {
    const { say, pushes } = stage();
    say(0, up);
    expect(say(100, failed(1))).toEqual(['retrying']);
    expect(pushes.nextWakeup()).toBe(100 + RETRY_MS);
  });

  test('stops when its track goes down and comes back with it', () => {
    const { say } = stage();
    say(0, up);
    say(1, started(1));
    expect(say(2, down)).toEqual(['withdraw', 'stopped']);
    expect(say(3, up)).toEqual(['attempt 1', 'starting']);
  });

  test('stays stopped when it was stopped by hand, until it is asked for again', () => {
    const { say } = stage();
    say(0, up);
    say(1, started(1));
    expect(say(2, { kind: 'stop', code })).toEqual(['withdraw', 'stopped']);
    say(3, down);
    expect(say(4, up)).toEqual([]);
    expect(say(5, start(9))).toEqual(['attempt 2', 'starting']);
  });

  test('what comes of a start that is over is of no interest', () => {
    const { say } = stage();
    say(0, up);
    say(START_MS, { kind: 'wake' });
    expect(say(START_MS + 1, started(1))).toEqual([]);
    say(START_MS + RETRY_MS, { kind: 'wake' });
    expect(say(START_MS + RETRY_MS + 1, failed(1))).toEqual([]);
    expect(say(START_MS + RETRY_MS + 2, started(2))).toEqual(['announce', 'running']);
  });

  test('asking for it answers with what runs, and starts nothing twice', () => {
    const { say } = stage();
    say(0, up);
    expect(say(1, start(7))).toEqual([]);
    expect(say(2, start(8))).toEqual([]);
    expect(say(3, started(1))).toEqual(['announce', 'running', '7: runs', '8: runs']);
    expect(say(4, start(9))).toEqual(['9: runs']);
  });
});

describe('a live push by hand', () => {
  test('does not start by itself', () => {
    const { say } = stage();
    expect(say(0, upByHand)).toEqual([]);
    expect(say(1, start(7))).toEqual(['attempt 1', 'starting']);
    expect(say(2, started(1))).toEqual(['announce', 'running', '7: runs']);
  });

  test('wants its track first', () => {
    const { say } = stage();
    expect(say(0, start(7))).toEqual(['7: room/no-track']);
    expect(say(1, upByHand)).toEqual([]);
  });

  test('that fails is tried again by its publisher, not by the server', () => {
    const { say, pushes } = stage();
    say(0, upByHand);
    say(1, start(7));
    expect(say(2, failed(1))).toEqual(['retrying', '7: origin/overloaded', 'stopped']);
    expect(pushes.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
    expect(say(3002, start(8))).toEqual(['attempt 2', 'starting']);
    expect(say(3002 + START_MS, { kind: 'wake' })).toEqual([
      'cancel 2',
      'retrying',
      '8: bypass/start-failed',
      'stopped',
    ]);
  });

  test('that ran once comes back with its track, and is tried again by the server then', () => {
    const { say } = stage();
    say(0, upByHand);
    say(1, start(7));
    say(2, started(1));
    expect(say(3, down)).toEqual(['withdraw', 'stopped']);
    expect(say(4, upByHand)).toEqual(['attempt 2', 'starting']);
    expect(say(5, failed(2))).toEqual(['retrying']);
  });

  test('whose track goes down while it starts is answered', () => {
    const { say } = stage();
    say(0, upByHand);
    say(1, start(7));
    expect(say(2, down)).toEqual(['7: room/no-track', 'cancel 1', 'stopped']);
  });
});
