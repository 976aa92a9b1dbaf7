// By what an origin knows a relay: a bearer secret that both were told, or that all processes of a cluster derive from
// the seed they share. A relay is let in without a viewer's credentials, is told content keys in clear, and is sent all
// of a stream when others are turned away: a thousand viewers may hang from it.

import { timingSafeEqual } from 'node:crypto';

/** See above. */
export class RelayTrust {
  /** What a relay says of itself; undefined where no secret is known. */
  readonly authorization: string | undefined;

  constructor(secret: string | undefined) {
    this.authorization = secret === undefined ? undefined : `Bearer ${secret}`;
  }

  /** Whether the header of a request is that of a relay. */
  knows(header: string | undefined): boolean {
    if (this.authorization === undefined || header === undefined) return false;
    const [given, wanted] = [Buffer.from(header), Buffer.from(this.authorization)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}
