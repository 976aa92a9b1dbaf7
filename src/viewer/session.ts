/**
 * A running viewer: the engine decides, the byte core keeps and checks, the ports carry. Everything that happens is one
 * input to the engine, and its outputs are carried out before the next input is looked at.
 */

import type { ViewerInput, ViewerOutput } from '../core/viewer/io.ts';
import { ViewerEngine } from '../core/viewer/viewer-engine.ts';
import { type Fault, ShoalError } from '../errors.ts';
import { toBase64Url } from '../wire/bytes.ts';
import { HEAD_FRAME, type Head } from '../wire/head.ts';
import { encodeLinkMessage } from '../wire/link.ts';
import type { NatKind } from '../wire/nat.ts';
import { decodeOriginFrame, encodeOriginRequest, type OriginFrame } from '../wire/origin.ts';
import { decodePieceHeader, PIECE_FRAME } from '../wire/piece.ts';
import { decodeTrackerAnswer, encodeTrackerMessage, type TrackerRequest } from '../wire/tracker.ts';
import { PROTOCOL_VERSION } from '../wire/version.ts';
import { explain } from './explain.ts';
import type { SharingPolicy, Viewer, ViewerOptions, ViewerStats } from './face.ts';
import { FaultLog } from './fault-log.ts';
import { HeadDesk } from './head-desk.ts';
import { KeyDesk } from './key-desk.ts';
import { LinkSide } from './link-side.ts';
import { PieceShelf } from './piece-shelf.ts';
import { Playback } from './playback.ts';
import type { LinkPort, OriginEvents, OriginPort, Playhead, TrackerEvents, TrackerPort } from './ports.ts';
import { takeSnapshot } from './snapshot.ts';
import type { ViewerWorld } from './world.ts';

export type { ViewerWorld } from './world.ts';

/** Makes a viewer; `start()` sets it going. */
export const createViewer = (options: ViewerOptions, world: ViewerWorld): Viewer => new Session(options, world);

class Session implements Viewer {
  readonly #options: ViewerOptions;
  readonly #world: ViewerWorld;
  readonly #engine: ViewerEngine;
  readonly #origin: OriginPort;
  readonly #tracker: TrackerPort;
  readonly #links: LinkPort | undefined;
  readonly #linkSide: LinkSide;
  readonly #shelf: PieceShelf;
  readonly #heads: HeadDesk;
  readonly #keys: KeyDesk;
  readonly #playback: Playback;
  readonly #faults: FaultLog;
  #credentials: string;
  #originOtherBytes = 0;
  #state: 'new' | 'running' | 'stopped' = 'new';
  readonly #inputs: ViewerInput[] = [];
  #draining = false;
  #opening = 0;

  constructor(options: ViewerOptions, world: ViewerWorld) {
    this.#options = options;
    this.#world = world;
    this.#credentials = options.credentials;
    this.#shelf = new PieceShelf(world.core, options.storeBytes);
    const ask = (generation: number) => this.#origin.send(encodeOriginRequest({ kind: 'key', generation }));
    this.#keys = new KeyDesk({ world, shelf: this.#shelf, ask });
    this.#playback = new Playback(world.sink);
    this.#faults = new FaultLog((notice) => world.notice(notice));
    this.#engine = new ViewerEngine({
      seed: options.seed,
      policy: options.policy,
      playout:
        options.deadlineMs === undefined
          ? { kind: 'media', latencyMs: options.latencyMs }
          : { kind: 'clock', delayMs: options.deadlineMs },
    });
    this.#heads = new HeadDesk(world.core, options.originKeys, this.#engine.view);
    this.#linkSide = new LinkSide({
      core: world.core,
      clock: world.clock,
      seed: world.random(32),
      view: this.#engine.view,
      shelf: this.#shelf,
      handle: (input) => this.#handle(input),
      head: (bytes, from) => this.#head(bytes, from),
      tell: (request) => this.#tracker.send(encodeTrackerMessage(request)),
    });
    this.#origin = world.origin(this.#originEvents());
    this.#tracker = world.tracker(this.#trackerEvents());
    this.#links = world.links(this.#linkSide.events());
    this.#linkSide.carriedBy(this.#links);
  }

  start(): void {
    if (this.#state !== 'new') throw new ShoalError('state/destroyed');
    this.#state = 'running';
    if (this.#links === undefined) this.setPolicy(this.#options.policy);
    this.#handle({ kind: 'start' });
  }

  stop(): void {
    if (this.#state === 'new') this.#state = 'stopped';
    this.#handle({ kind: 'stop' });
  }

  playhead(playhead: Playhead): void {
    this.#handle({ kind: 'playhead', playhead });
  }

  setPolicy(policy: SharingPolicy): void {
    this.#handle({ kind: 'policy', policy: this.#links === undefined ? { ...policy, mode: 'off' } : policy });
  }

  setNat(nat: NatKind): void {
    this.#handle({ kind: 'nat', nat });
  }

  pause(): void {
    this.#handle({ kind: 'pause' });
  }

  resume(): void {
    this.#handle({ kind: 'resume' });
  }

  setCredentials(credentials: string): void {
    this.#credentials = credentials;
  }

  stats(): ViewerStats {
    return takeSnapshot(this.#world.clock.now(), this.#engine, {
      playedBytes: this.#playback.playedBytes,
      storeBytes: this.#shelf.usedBytes,
      originOtherBytes: this.#originOtherBytes,
    });
  }

  explain(): readonly string[] {
    return explain(this.#engine, this.#links !== undefined);
  }

  #handle(input: ViewerInput): void {
    if (this.#state !== 'running') return;
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        this.#step(next);
        if (next.kind === 'stop') return this.#close();
      }
    } finally {
      this.#draining = false;
    }
  }

  /** After the last step, so that a viewer can be stopped from within one of its own events. */
  #close(): void {
    this.#state = 'stopped';
    this.#inputs.length = 0;
    this.#world.clock.cancel();
    this.#playback.leave();
    this.#shelf.free();
  }

  #step(input: ViewerInput): void {
    const { clock } = this.#world;
    const now = clock.now();
    this.#engine.handle(now, input);
    for (let output = this.#engine.poll(); output !== undefined; output = this.#engine.poll()) this.#perform(output);
    this.#shelf.settle();
    this.#keys.tick(now, this.#playback.flush());
    const wake = Math.min(this.#engine.nextWakeup(), this.#keys.askAt);
    if (wake === Number.POSITIVE_INFINITY) clock.cancel();
    else clock.wakeAt(wake, () => this.#handle({ kind: 'wake' }));
  }

  #perform(output: ViewerOutput): void {
    const { sink } = this.#world;
    switch (output.kind) {
      case 'open-origin':
        return this.#openOrigin(output);
      case 'ask-origin':
        return this.#origin.send(encodeOriginRequest(output.request));
      case 'close-origin':
        return this.#origin.close();
      case 'open-tracker':
        return this.#tracker.open();
      case 'join-tracker':
        return this.#tellTracker(this.#join(output));
      case 'tell-tracker':
        return this.#tellTracker(output.request);
      case 'close-tracker':
        return this.#tracker.close();
      case 'dial':
        return this.#links?.dial(output.link, { initiator: output.initiator, iceServers: this.#options.iceServers });
      case 'signal':
        return this.#links?.signal(output.link, output.data);
      case 'hang-up':
        return this.#hangUp(output.link);
      case 'tell':
        this.#links?.send(output.link, 'control', encodeLinkMessage(output.message));
        return;
      case 'tell-head':
        return this.#tellHead(output.link);
      case 'push':
        return this.#push(output.links, output.sequence);
      case 'epoch':
        return this.#enterEpoch(output.head);
      case 'run':
        if (this.#shelf.store !== undefined) this.#playback.run(output.head, this.#shelf.store);
        return;
      case 'play':
      case 'skip':
      case 'ended':
        return this.#playback.step(output);
      case 'rate':
        return sink.rate(output.rate);
      case 'seek':
        return sink.seek(output.dtsMs);
      case 'evict':
        return this.#shelf.evictBelow(output.below);
      case 'fault':
        return this.#faults.add(this.#world.clock.now(), output.code, output.detail);
      case 'fell-back':
        return this.#world.notice({ kind: 'fell-back', forMs: output.forMs });
      case 'state':
        return this.#world.notice({ kind: 'state', state: output.state });
    }
  }

  #openOrigin(opening: { readonly mask: number; readonly from: 'keyframe' | 'live' | number }): void {
    const attempt = ++this.#opening;
    this.#keys.withCode(
      (code) => {
        if (this.#state !== 'running' || attempt !== this.#opening) return;
        this.#origin.open({ ...opening, credentials: this.#credentials, code });
      },
      (code) => this.#handle({ kind: 'origin-closed', code, retryAfterMs: 0 }),
    );
  }

  #originEvents(): OriginEvents {
    return {
      opened: () => this.#handle({ kind: 'origin-opened' }),
      closed: (code, retryAfterMs) => {
        if (code === 'key/unknown-code') this.#keys.forgetCode();
        this.#handle({ kind: 'origin-closed', code, retryAfterMs });
      },
      frame: (bytes) => this.#originFrame(bytes),
    };
  }

  #originFrame(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state !== 'running') return;
    if (bytes[0] === PIECE_FRAME) return this.#originPiece(bytes);
    this.#originOtherBytes += bytes.length;
    if (bytes[0] === HEAD_FRAME) return this.#head(bytes, 'origin');
    const frame = decodeOriginFrame(bytes);
    if (frame.kind === 'fault') return this.#fault(frame);
    if (frame.kind === 'key') this.#key(frame);
    if (frame.kind === 'ended' && frame.reason === 'refused') this.#keys.forgetCode();
    this.#handle({ kind: 'origin-said', frame });
  }

  #originPiece(bytes: Uint8Array<ArrayBuffer>): void {
    const header = decodePieceHeader(bytes);
    if (header.kind === 'fault') return this.#fault(header);
    const admission = this.#shelf.admit(header.sequence, [bytes], undefined);
    switch (admission) {
      case 'ok':
        return this.#handle({ kind: 'piece', header, from: 'origin' });
      case 'duplicate':
      case 'full':
        return this.#handle({
          kind: 'piece-duplicate',
          sequence: header.sequence,
          bytes: bytes.length,
          from: 'origin',
        });
      case 'foreign':
        return this.#handle({ kind: 'piece-rejected', from: 'origin', reason: 'foreign' });
      case 'malformed':
      case 'bad-signature':
        return this.#handle({ kind: 'piece-rejected', from: 'origin', reason: 'bad' });
    }
  }

  #head(bytes: Uint8Array<ArrayBuffer>, from: 'origin' | number): void {
    if (this.#state !== 'running') return;
    const head = this.#heads.look(bytes, from);
    if (head.kind === 'fault') {
      if (from === 'origin') this.#fault(head);
      else this.#handle({ kind: 'link-fault', link: from, code: head.code, detail: head.detail });
      return;
    }
    const epochTag = this.#world.core.epochTag(head.stream, head.epoch);
    this.#handle({ kind: 'head', head, epochTag, from });
  }

  #enterEpoch(head: Head): void {
    this.#playback.leave();
    this.#shelf.enterEpoch(head);
    this.#linkSide.enterEpoch();
    this.#keys.enterEpoch(head);
    this.#world.notice({ kind: 'epoch', epoch: this.#engine.view.epochText ?? '' });
  }

  #key(frame: Extract<OriginFrame, { kind: 'key' }>): void {
    const fault = this.#keys.came(frame, this.#engine.view.head);
    if (fault === undefined) return;
    // Nothing that follows could be played, and asking again would bring the same.
    this.#origin.close();
    this.#handle({ kind: 'origin-closed', code: fault.code, retryAfterMs: 0 });
  }

  #trackerEvents(): TrackerEvents {
    return {
      opened: () => this.#handle({ kind: 'tracker-opened' }),
      closed: () => this.#handle({ kind: 'tracker-closed' }),
      said: (text) => {
        const answer = decodeTrackerAnswer(text);
        if (answer.kind === 'fault') return this.#fault(answer);
        this.#linkSide.told(answer);
        if (answer.kind !== 'prove') this.#handle({ kind: 'tracker-said', answer });
      },
    };
  }

  #join({ uploads, nat }: { readonly uploads: boolean; readonly nat: NatKind }): TrackerRequest {
    const viewerKey = toBase64Url(this.#linkSide.viewerKey);
    const { path } = this.#options;
    const known = { path, credentials: this.#credentials, viewerKey, uploads, nat };
    return { kind: 'join', version: PROTOCOL_VERSION, ...known, receipts: true };
  }

  #tellTracker(request: TrackerRequest): void {
    this.#linkSide.receipts.before(request);
    this.#tracker.send(encodeTrackerMessage(request));
  }

  #tellHead(link: number): void {
    const head = this.#heads.bytes();
    if (head !== undefined) this.#links?.send(link, 'control', head);
  }

  #push(links: readonly number[], sequence: number): void {
    const messages = this.#shelf.messagesOf(sequence);
    if (messages === undefined) return;
    const now = this.#world.clock.now();
    for (const link of links) {
      let sent = 0;
      for (const message of messages) if (this.#links?.send(link, 'pieces', message) === true) sent += message.length;
      if (sent === 0) continue;
      this.#engine.uploaded(now, link, sent);
      this.#linkSide.receipts.sent(link, sent);
    }
  }

  #hangUp(link: number): void {
    this.#linkSide.forget(link);
    this.#links?.hangUp(link);
  }

  #fault({ code, detail }: Fault): void {
    this.#engine.view.counters.fault(code);
    this.#faults.add(this.#world.clock.now(), code, detail);
  }
}
