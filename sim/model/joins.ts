/**
 * Who comes: a first crowd, then arrivals by chance at the rate at which people leave, as at the exact level.
 */
import type { Life } from '../population.ts';
import { Dice } from './dice.ts';
import type { Swarm } from './swarm.ts';
import { BEAT_MS } from './swarm.ts';

export class Joins {
  readonly #swarm: Swarm;
  readonly #life: Life;
  readonly #dice: Dice;
  #joined = 0;
  #nextAt: number;

  constructor(swarm: Swarm, life: Life) {
    this.#swarm = swarm;
    this.#life = life;
    this.#dice = new Dice(swarm.world.seed ^ 0x10105);
    this.#nextAt = life.withinMs / 2 + this.#pauseMs();
  }

  /** Everybody who comes in this beat. */
  come(): void {
    const { now, world } = this.#swarm;
    const until = now + BEAT_MS;
    for (; this.#joined < world.viewers; this.#joined++) {
      const at = (this.#life.withinMs * this.#joined) / world.viewers;
      if (at >= until) break;
      this.#swarm.join(at);
    }
    for (; this.#nextAt < until; this.#nextAt += this.#pauseMs()) this.#swarm.join(this.#nextAt);
  }

  #pauseMs(): number {
    return this.#dice.lifetime(this.#life.meanMs / this.#swarm.world.viewers);
  }
}
