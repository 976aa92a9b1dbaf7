// What a page that publishes does, driven from outside.

import { createPublisher, publishLacks } from './shoal-publisher.js';

/** @type {import('./publish-api.d.ts').Seat[]} */
const seats = [];

globalThis.publishing = {
  seats,
  async start(options) {
    try {
      const publisher = await createPublisher(options);
      /** @type {import('./publish-api.d.ts').Seat} */
      const seat = { publisher, said: [], stats: undefined };
      publisher.on('state', ({ state }) => seat.said.push(state));
      publisher.on('ended', ({ error }) => seat.said.push(error?.code ?? 'in good order'));
      publisher.on('stats', (stats) => {
        seat.stats = stats;
      });
      seats.push(seat);
      return 'live';
    } catch (error) {
      const { code, detail } = /** @type {import('../../src/errors.ts').ShoalError} */ (error);
      return { code, detail };
    }
  },
  lacks: async () => (await publishLacks()).map(({ code }) => code),
};
