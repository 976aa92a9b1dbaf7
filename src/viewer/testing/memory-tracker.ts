/**
 * A tracker in memory: names viewers, signs their tokens, introduces them to those that came before, and carries their
 * signals. What it was told is kept for tests to look at.
 */
import type { ByteCore } from '../../../wasm/abi.ts';
import { concat } from '../../../wasm/testing/flv-maker.ts';
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../wire/bytes.ts';
import { encodeTokenBody, sealToken, TOKEN_CONTEXT, TOKEN_LIFE_MS } from '../../wire/token.ts';
import {
  decodeTrackerRequest,
  encodeTrackerMessage,
  type TrackerAnswer,
  type TrackerRequest,
  type ViewerName,
} from '../../wire/tracker.ts';
import type { TrackerEvents, TrackerPort } from '../ports.ts';
import { type VirtualTime, WALL_ZERO_MS } from './virtual-time.ts';

const SEED = new Uint8Array(32).fill(0x61);
const KEY_ID = 7;

/** How a token may be wrong. */
export type TokenFlaw = 'none' | 'expired' | 'of another stream' | 'signed by a stranger';

interface Member {
  readonly name: ViewerName;
  readonly events: TrackerEvents;
  readonly viewerKey: Uint8Array;
  readonly flaw: TokenFlaw;
  state: 'here' | 'gone';
}

export class MemoryTracker {
  readonly members: Member[] = [];
  readonly heard: TrackerRequest[] = [];
  state: 'up' | 'down' = 'up';
  /** The most viewers named in one answer. */
  introduces = 6;
  readonly #core: ByteCore;
  readonly #time: VirtualTime;
  readonly #stream: Uint8Array;
  readonly #delayMs: number;

  constructor(core: ByteCore, time: VirtualTime, at: { readonly stream: Uint8Array; readonly delayMs: number }) {
    this.#core = core;
    this.#time = time;
    this.#stream = at.stream;
    this.#delayMs = at.delayMs;
  }

  /** Everybody is cut off; until `up` nobody gets in. */
  down(): void {
    this.state = 'down';
    for (const member of this.members) {
      if (member.state === 'here') this.#time.after(this.#delayMs, () => member.events.closed('tracker/unreachable'));
      member.state = 'gone';
    }
  }

  up(): void {
    this.state = 'up';
  }

  /** Says any text to everybody. */
  sayRaw(text: string): void {
    for (const member of this.members) this.#time.after(this.#delayMs, () => member.events.said(text));
  }

  /** The port of one viewer. */
  port(events: TrackerEvents, flaw: TokenFlaw): TrackerPort {
    let member: Member | undefined;
    let open = false;
    const leave = (): void => {
      open = false;
      if (member !== undefined) member.state = 'gone';
    };
    return {
      open: () => {
        this.#time.after(2 * this.#delayMs, () => {
          open = this.state === 'up';
          if (open) events.opened();
          else events.closed('tracker/unreachable');
        });
      },
      send: (text) => {
        const request = decodeTrackerRequest(text);
        if (request.kind === 'fault') throw new Error(`a viewer said nonsense: ${request.detail}`);
        if (!open || this.state === 'down') return;
        this.heard.push(request);
        this.#time.after(this.#delayMs, () => {
          if (request.kind === 'join') member = this.#join(events, request.viewerKey, flaw);
          else if (member !== undefined) this.#hear(member, request, leave);
        });
      },
      close: leave,
    };
  }

  #join(events: TrackerEvents, viewerKey: string, flaw: TokenFlaw): Member {
    const name = toHex(this.#core.blake3(Uint8Array.of(this.members.length)).subarray(0, 8));
    const member: Member = {
      name,
      events,
      viewerKey: fromBase64Url(viewerKey) ?? new Uint8Array(0),
      flaw,
      state: 'here',
    };
    const neighbours = this.#others(member);
    this.members.push(member);
    this.#say(member, {
      kind: 'joined',
      viewer: name,
      stream: toHex(this.#stream),
      ...this.#grant(member),
      neighbours,
    });
    return member;
  }

  #hear(member: Member, request: TrackerRequest, leave: () => void): void {
    switch (request.kind) {
      case 'renew':
        return this.#say(member, { kind: 'renewed', ...this.#grant(member) });
      case 'more':
        return this.#say(member, { kind: 'neighbours', neighbours: this.#others(member).slice(0, request.count) });
      case 'signal': {
        const to = this.members.find((each) => each.name === request.to && each.state === 'here');
        if (to === undefined) return this.#say(member, { kind: 'gone', viewer: request.to });
        return this.#say(to, { kind: 'signal', from: member.name, dial: request.dial, data: request.data });
      }
      case 'leave':
        return leave();
      case 'join':
      case 'report':
        return;
    }
  }

  #others(member: Member): ViewerName[] {
    const here = this.members.filter((each) => each.state === 'here' && each.name !== member.name);
    return here.slice(-this.introduces).map((each) => each.name);
  }

  #grant(member: Member) {
    const now = WALL_ZERO_MS + this.#time.now;
    const expired = member.flaw === 'expired';
    const body = encodeTokenBody({
      stream: member.flaw === 'of another stream' ? this.#core.blake3(this.#stream) : this.#stream,
      viewer: fromHex(member.name) ?? new Uint8Array(8),
      viewerKey: member.viewerKey,
      issuedMs: now - (expired ? 2 * TOKEN_LIFE_MS : 0),
      expiresMs: now + (expired ? -TOKEN_LIFE_MS : TOKEN_LIFE_MS),
      keyId: KEY_ID,
    });
    const seed = member.flaw === 'signed by a stranger' ? new Uint8Array(32).fill(0x62) : SEED;
    const token = toBase64Url(sealToken(body, this.#core.sign(seed, concat(TOKEN_CONTEXT, body))));
    return {
      token,
      expiresInMs: TOKEN_LIFE_MS,
      tokenKeys: [{ id: KEY_ID, key: toBase64Url(this.#core.publicKey(SEED)) }],
    };
  }

  #say(member: Member, answer: TrackerAnswer): void {
    this.#time.after(this.#delayMs, () => {
      if (member.state === 'here') member.events.said(encodeTrackerMessage(answer));
    });
  }
}
