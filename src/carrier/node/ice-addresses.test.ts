import { expect, it } from 'vitest';
import { iceServersFor } from './ice-addresses.ts';

it('reads addresses as browsers write them', () => {
  const turn = { username: 'u', credential: 'p' };
  expect(
    iceServersFor([
      { urls: 'stun:stun.example' },
      { urls: 'stun:[2001:db8::1]:19302' },
      { urls: 'turn:turn.example:3479?transport=udp', ...turn },
      { urls: 'turn:turn.example?transport=tcp', ...turn },
      { urls: 'turns:turn.example', ...turn },
    ]),
  ).toEqual([
    { hostname: 'stun.example', port: 3478 },
    { hostname: '2001:db8::1', port: 19302 },
    { hostname: 'turn.example', port: 3479, relayType: 'TurnUdp', username: 'u', password: 'p' },
    { hostname: 'turn.example', port: 3478, relayType: 'TurnTcp', username: 'u', password: 'p' },
    { hostname: 'turn.example', port: 5349, relayType: 'TurnTls', username: 'u', password: 'p' },
  ]);
});

it('leaves out what nobody can read', () => {
  expect(iceServersFor([{ urls: 'http://stun.example' }, { urls: 'stun:' }, { urls: 'stun:a:b' }])).toEqual([]);
});
