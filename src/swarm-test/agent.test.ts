import { createContext, runInContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Player } from '../player/face.ts';
import { type Agent, agentScript } from './agent.ts';

/** As much of a peer connection as is looked at. */
class FakeConnection {
  readonly configuration: RTCConfiguration | undefined;
  signalingState = 'stable';
  localDescription: { sdp: string } | null = null;
  remoteDescription: { sdp: string } | null = null;

  constructor(configuration?: RTCConfiguration) {
    this.configuration = configuration;
  }

  close(): void {
    this.signalingState = 'closed';
  }
}

type Listener = (event: unknown) => void;

let page: { RTCPeerConnection: typeof FakeConnection; webkitRTCPeerConnection: typeof FakeConnection };
let agent: Agent;

/** A page with the agent in it. */
beforeEach(() => {
  page = { RTCPeerConnection: FakeConnection, webkitRTCPeerConnection: FakeConnection };
  createContext(page);
  runInContext('globalThis.performance = { now: () => 7 };', page);
  runInContext(agentScript(), page);
  agent = runInContext("globalThis[Symbol.for('shoal.swarm-test')]", page) as Agent;
});

const link = (here: string, there: string): FakeConnection => {
  const connection = new page.RTCPeerConnection();
  connection.localDescription = { sdp: `v=0\r\na=ice-ufrag:${here}\r\n` };
  connection.remoteDescription = { sdp: `v=0\r\na=ice-ufrag:${there}\r\n` };
  return connection;
};

describe('the agent of a page', () => {
  it('hears of players and writes down what they say', async () => {
    const listeners = new Map<string, Listener>();
    const player = { on: (name: string, listen: Listener) => listeners.set(name, listen), stats: async () => 'stats' };
    agent.playerMade(player as unknown as Player, undefined);
    listeners.get('started')?.({ startupMs: 5 });
    listeners.get('error')?.({ code: 'no error object' });
    expect(agent.count()).toBe(1);
    expect(agent.said(0)).toEqual([
      { name: 'started', atMs: 7, event: { startupMs: 5 } },
      { name: 'error', atMs: 7, event: { code: 'no error object' } },
    ]);
    expect(await agent.stats(0)).toBe('stats');
    expect(() => agent.stats(1)).toThrow(/has made 1 players, so there is no 1/);
  });

  it('knows the links of the page by both of their ends, and cuts those that are named', () => {
    const [first, second] = [link('a', 'b'), link('c', 'd')];
    expect(agent.links()).toEqual([
      { here: 'a', there: 'b' },
      { here: 'c', there: 'd' },
    ]);
    expect(agent.cut([{ here: 'b', there: 'a' }])).toBe(0);
    expect(agent.cut([{ here: 'a', there: 'b' }])).toBe(1);
    expect([first.signalingState, second.signalingState]).toEqual(['closed', 'stable']);
    expect(agent.links()).toEqual([{ here: 'c', there: 'd' }]);
  });

  it('forbids links and allows them again', () => {
    const before = link('a', 'b');
    agent.allowLinks(false);
    expect(before.signalingState).toBe('closed');
    const configuration = { iceServers: [{ urls: 'stun:stun.example' }] };
    const forbidden = new page.webkitRTCPeerConnection(configuration);
    expect(forbidden.configuration).toEqual({ iceServers: [], iceTransportPolicy: 'relay' });
    agent.allowLinks(true);
    expect(new page.RTCPeerConnection(configuration).configuration).toEqual(configuration);
    expect(new page.RTCPeerConnection().configuration).toBeUndefined();
  });

  it('is not noticed by what asks the browser what it can do', () => {
    expect(page.RTCPeerConnection.prototype).toBe(FakeConnection.prototype);
    expect(page.RTCPeerConnection.name).toBe('FakeConnection');
    expect(new page.RTCPeerConnection()).toBeInstanceOf(FakeConnection);
    const bare = createContext({});
    runInContext(agentScript(), bare);
    expect(runInContext('typeof RTCPeerConnection', bare)).toBe('undefined');
  });
});
