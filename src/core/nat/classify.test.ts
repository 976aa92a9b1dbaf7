import { expect, test } from 'vitest';
import { classify, type Gathering, type ServerFailure, type Sighting } from './classify.ts';

const SERVERS = ['stun:a:1', 'stun:b:1'];
const HIDDEN = 'f00d.local';

const fails = (servers: readonly string[], family: 4 | 6 | undefined = 4): ServerFailure[] =>
  servers.map((server) => ({ server, family }));

const own = (address = HIDDEN, base = 'h'): Sighting => ({ kind: 'own', address, port: 5000, base });
const mapped = (port: number, address = '203.0.113.7', base = 's'): Sighting => ({
  kind: 'mapped',
  address,
  port,
  base,
});
const kind = (sightings: readonly Sighting[], rest: Partial<Gathering> = {}): string =>
  classify({ servers: SERVERS, sightings, failures: [], isComplete: true, ...rest }).kind;

test('two servers that see one socket under one address: a cone', () => {
  expect(kind([own(), mapped(9)])).toBe('cone');
  expect(kind([own(), mapped(9), mapped(9)])).toBe('cone');
});

test('two servers that see it under two: symmetric, whatever else is still missing', () => {
  expect(kind([own(), mapped(9), mapped(10)])).toBe('symmetric');
  expect(kind([own(), mapped(9), mapped(9, '203.0.113.8')])).toBe('symmetric');
  expect(kind([own(), mapped(9), mapped(10)], { isComplete: false })).toBe('symmetric');
});

test('one server alone cannot tell', () => {
  expect(kind([own(), mapped(9)], { servers: ['stun:a:1'] })).toBe('unknown');
  expect(kind([own(), mapped(9)], { servers: ['stun:a:1', 'stun:a:1'] })).toBe('unknown');
  expect(kind([own(), mapped(9)], { failures: fails(['stun:b:1']) })).toBe('unknown');
  expect(kind([own(), mapped(9)], { isComplete: false })).toBe('unknown');
});

test('a dead server among three leaves two that can tell', () => {
  expect(kind([own(), mapped(9)], { servers: [...SERVERS, 'stun:c:1'], failures: fails(['stun:c:1']) })).toBe('cone');
});

test('no server configured: only own addresses, and that is all', () => {
  expect(classify({ servers: [], sightings: [], failures: [], isComplete: true })).toEqual({
    kind: 'host-only',
    mapped: [],
    servers: { asked: 0, failed: 0 },
    sockets: 0,
  });
});

test('nobody heard: blocked', () => {
  expect(kind([own()], { isComplete: false })).toBe('blocked');
  expect(kind([own()], { failures: fails(SERVERS) })).toBe('blocked');
  expect(kind([], { failures: fails(SERVERS) })).toBe('blocked');
  expect(kind([own('192.0.2.1')], { failures: fails(SERVERS) })).toBe('blocked');
  expect(kind([own('192.0.2.1')], { isComplete: false })).toBe('blocked');
});

test('seen from outside under the own address: open', () => {
  expect(kind([own('192.0.2.1'), mapped(5000, '192.0.2.1')])).toBe('open');
  // Browsers leave out a mapping that equals an address they show.
  expect(kind([own('192.0.2.1')])).toBe('open');
});

test('each socket is judged by itself, and the best one counts', () => {
  const both = [own(HIDDEN, 'h1'), own(HIDDEN, 'h2')];
  expect(kind([...both, mapped(9, '203.0.113.7', 's1'), mapped(10, '203.0.113.7', 's2')])).toBe('cone');
  expect(kind([...both, mapped(9, '203.0.113.7', 's1'), mapped(10, '203.0.113.7', 's1')])).toBe('symmetric');
  const mixed = [mapped(9, '203.0.113.7', 's1'), mapped(10, '203.0.113.7', 's1'), mapped(11, '203.0.113.7', 's2')];
  expect(kind([...both, ...mixed])).toBe('cone');
});

test('with a single socket foundations do not matter: some browsers give each server its own', () => {
  expect(kind([own(), mapped(9, '203.0.113.7', 's1'), mapped(10, '203.0.113.7', 's2')])).toBe('symmetric');
});

test('a socket of a family that this machine has no address of reaches nobody, and that says nothing', () => {
  expect(kind([own(), mapped(9)], { failures: fails(SERVERS, 6) })).toBe('cone');
  expect(kind([own(), mapped(9)], { failures: [...fails(SERVERS, 6), ...fails(['stun:b:1'])] })).toBe('unknown');
  expect(kind([own('192.0.2.1')], { failures: fails(SERVERS, 6) })).toBe('open');
});

test('where the browser does not tell the family of a socket, a failure counts', () => {
  expect(kind([own(), mapped(9)], { failures: fails(['stun:b:1'], undefined) })).toBe('unknown');
});

test('a server is dead when all sockets that heard anybody gave it up', () => {
  const both = [own(HIDDEN, 'h1'), own(HIDDEN, 'h2'), mapped(9, '203.0.113.7', 's1'), mapped(10, '203.0.113.7', 's2')];
  expect(kind(both, { failures: fails(['stun:b:1']) })).toBe('cone');
  expect(kind(both, { failures: fails(['stun:b:1', 'stun:b:1']) })).toBe('unknown');
});

test('IPv4 decides where there is any', () => {
  const six = mapped(7, '2001:db8::1', 's6');
  const dual = [own(HIDDEN, 'h4'), own(HIDDEN, 'h6')];
  expect(kind([...dual, six, mapped(9), mapped(10)])).toBe('symmetric');
  expect(kind([...dual, six])).toBe('cone');
});

test('every mapping is told once', () => {
  const { mapped: told } = classify({
    servers: SERVERS,
    sightings: [own(), mapped(9), mapped(9), mapped(10)],
    failures: [],
    isComplete: true,
  });
  expect(told).toEqual([
    { address: '203.0.113.7', port: 9 },
    { address: '203.0.113.7', port: 10 },
  ]);
});
