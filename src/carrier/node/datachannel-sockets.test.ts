/**
 * Counts the files of the whole process, so it stands alone: what other links have not closed yet would be counted with it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import type { LinkPort } from '../../viewer/ports.ts';
import { createSimplePeerLinks } from '../simple-peer-links.ts';
import { createNodePeer } from './datachannel-peer.ts';

/** What a process has open, where the system says so. */
const OPEN_FILES = '/proc/self/fd';
/** More than the few files the library itself keeps open once it has been used. */
const PAIRS = 20;

it.skipIf(!existsSync(OPEN_FILES))('links of Node viewers leave no socket behind', async () => {
  const files = (): number => readdirSync(OPEN_FILES).length;
  const before = files();
  let opened = 0;
  const ends: LinkPort[] = [];
  const end = (other: 0 | 1): LinkPort =>
    createSimplePeerLinks(createNodePeer, {
      message: () => undefined,
      closed: () => undefined,
      signal: (link, data) => ends[other]?.signal(link, data),
      opened: () => {
        opened += 1;
      },
    });
  ends.push(end(1), end(0));
  for (let link = 0; link < PAIRS; link++) {
    ends.forEach((port, at) => {
      port.dial(link, { initiator: at === 0, iceServers: [] });
    });
  }
  await vi.waitFor(() => expect(opened).toBe(2 * PAIRS));
  expect(files(), 'links take sockets').toBeGreaterThanOrEqual(before + 2 * PAIRS);
  for (let link = 0; link < PAIRS; link++) for (const port of ends) port.hangUp(link);
  await vi.waitFor(() => expect(files()).toBeLessThan(before + PAIRS));
});
