import { expect, it } from 'vitest';
import { type CallEnd, type CallPeer, DeviceCall } from './device-call.ts';
import type { RequestChannel } from './exchange.ts';

const described = (digit: string) => ({
  sdp: `a=fingerprint:sha-256 ${Array(32).fill(`${digit}${digit}`).join(':')}\r\n`,
});

/** A peer whose channel is open until it is closed, and says so only when a test does. */
const makePeer = () => {
  const heard = new Map<string, () => void>();
  const listeners = new Map<string, (() => void)[]>();
  const channel = {
    binaryType: 'arraybuffer',
    readyState: 'open',
    send: () => undefined,
    addEventListener: (type: string, listener: () => void) =>
      void listeners.set(type, [...(listeners.get(type) ?? []), listener]),
  };
  const peer = {
    _pc: {
      localDescription: described('a'),
      remoteDescription: described('b'),
      ondatachannel: null,
      createDataChannel: () => channel as unknown as RequestChannel,
    },
    offerOptions: {},
    on: (event: string, listener: () => void) => void heard.set(event, listener),
    signal: () => undefined,
    negotiate: () => undefined,
    destroy: () => heard.get('close')?.(),
  } as unknown as CallPeer;
  const say = (event: string) => heard.get(event)?.();
  return { peer, channel, say, tell: (type: string) => listeners.get(type)?.forEach((listener) => void listener()) };
};

it('survives a channel that refuses a beat before its end has been told', () => {
  const { peer, channel, say, tell } = makePeer();
  const ends: CallEnd[] = [];
  let opened = 0;
  let beat: () => void = () => undefined;
  const nothing = () => undefined;
  const every = (_ms: number, call: () => void) => {
    beat = call;
    return nothing;
  };
  new DeviceCall(
    () => peer,
    { initiator: true, iceServers: [], every },
    {
      ...{ signal: nothing, proved: nothing, request: nothing, wavering: nothing },
      opened: () => {
        opened += 1;
      },
      closed: (why) => ends.push(why),
    },
  );
  say('negotiated');
  expect(opened).toBe(1);
  channel.send = () => {
    throw new Error('DataChannel is closed');
  };
  beat();
  expect(ends).toEqual([]);
  tell('close');
  expect(ends).toEqual(['gone']);
});
