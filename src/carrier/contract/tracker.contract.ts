/**
 * What every tracker port must do, run against sockets in memory and real ones. The suite plays the tracker.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrackerEvents, TrackerPort } from '../../viewer/ports.ts';
import { closeCodeOf } from '../../wire/close.ts';
import type { SocketSide } from '../testing/memory-sockets.ts';
import { Queue } from '../testing/queue.ts';

/** Where a tracker port meets a tracker. */
export interface TrackerWorld {
  make(events: TrackerEvents): TrackerPort;
  accepted(): Promise<SocketSide>;
  close(): Promise<void>;
}

/** Runs the suite. */
export const trackerContract = (name: string, openWorld: () => Promise<TrackerWorld>): void => {
  describe(`tracker: ${name}`, () => {
    let world: TrackerWorld;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => world.close());
    const meet = async () => {
      const said = new Queue<string>();
      const port = world.make({
        opened: () => said.put('opened'),
        said: (text) => said.put(`said ${text}`),
        closed: (code) => said.put(`closed ${code}`),
      });
      port.open();
      const side = await world.accepted();
      expect(await said.take()).toBe('opened');
      return { port, side, said };
    };

    it('carries texts both ways, in order', async () => {
      const { port, side, said } = await meet();
      port.send('one');
      port.send('two');
      expect([await side.heard(), await side.heard()]).toEqual(['one', 'two']);
      side.send('three');
      side.send('four');
      expect([await said.take(), await said.take()]).toEqual(['said three', 'said four']);
      port.close();
    });

    it('says why it was closed, and can be opened again', async () => {
      const { port, side, said } = await meet();
      side.close(closeCodeOf('tracker/refused'), '0');
      expect(await said.take()).toBe('closed tracker/refused');
      port.open();
      const again = await world.accepted();
      expect(await said.take()).toBe('opened');
      again.close(1006, '');
      expect(await said.take()).toBe('closed tracker/unreachable');
    });

    it('ends a tracker that speaks in bytes', async () => {
      const { side, said } = await meet();
      side.send(new Uint8Array(3));
      expect(await said.take()).toBe('closed tracker/bad-message');
    });

    it('says nothing more after it was closed, and drops what it is told to send', async () => {
      const { port, side, said } = await meet();
      port.close();
      port.send('late');
      side.send('late');
      const other = await meet();
      other.side.send('other');
      expect(await other.said.take()).toBe('said other');
      other.port.close();
      said.put('nothing');
      expect(await said.take()).toBe('nothing');
    });
  });
};
