/**
 * A running HLS viewer: the engine decides, the shelf keeps and checks, the ports carry. Everything that happens is one
 * input to the engine, and its outputs are carried out before the next input is looked at.
 */
import { HlsEngine } from '../core/hls/hls-engine.ts';
import type { HlsInput, HlsOutput } from '../core/hls/io.ts';
import { type ErrorCode, type Fault, ShoalError } from '../errors.ts';
import type { SharingPolicy } from '../viewer/face.ts';
import { FaultLog } from '../viewer/fault-log.ts';
import type { LinkPort, TrackerEvents, TrackerPort } from '../viewer/ports.ts';
import { toBase64Url } from '../wire/bytes.ts';
import { encodeHlsMessage, keyOf, type SegmentKey, splitSegmentPiece } from '../wire/hls-link.ts';
import { segmentName } from '../wire/hls-seal.ts';
import type { NatKind } from '../wire/nat.ts';
import { decodeTrackerAnswer, encodeTrackerMessage, type TrackerRequest } from '../wire/tracker.ts';
import { PROTOCOL_VERSION } from '../wire/version.ts';
import { explainHls } from './explain.ts';
import type { ByteRange, HlsStats, HlsViewer, HlsViewerOptions, SegmentOrder, SegmentOutcome } from './face.ts';
import { HlsLinkSide } from './link-side.ts';
import type { HlsWorld } from './ports.ts';
import { SealBook } from './seal-book.ts';
import { SegmentDesk } from './segment-desk.ts';
import { SheetDesk, sheetMessages } from './sheet-desk.ts';
import { Shelf } from './shelf.ts';

/** Makes a viewer; `start()` sets it going. */
export const createHlsViewer = (options: HlsViewerOptions, world: HlsWorld): HlsViewer =>
  new HlsSession(options, world);

class HlsSession implements HlsViewer {
  readonly #options: HlsViewerOptions;
  readonly #world: HlsWorld;
  readonly #engine: HlsEngine;
  readonly #book: SealBook;
  readonly #shelf: Shelf;
  readonly #segments: SegmentDesk;
  readonly #linkSide: HlsLinkSide;
  readonly #tracker: TrackerPort;
  readonly #links: LinkPort | undefined;
  readonly #faults: FaultLog;
  readonly #inputs: HlsInput[] = [];
  #credentials: string;
  #draining = false;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(options: HlsViewerOptions, world: HlsWorld) {
    const { core, clock } = world;
    this.#options = options;
    this.#world = world;
    this.#credentials = options.credentials;
    this.#faults = new FaultLog((notice) => notice.kind === 'fault' && world.notice(notice));
    this.#engine = new HlsEngine({ seed: options.seed, policy: options.policy });
    this.#book = new SealBook(core, options.keys, options.place);
    this.#shelf = new Shelf(core, options.storeBytes, (key) => this.#handle({ kind: 'evicted', key }));
    const sheets = new SheetDesk(core, this.#book, this.#shelf);
    const handle = (input: HlsInput): void => this.#handle(input);
    const isWanted = (key: SegmentKey): boolean => this.#segments.isWanted(key);
    const arrived = (link: number, bytes: number): void => this.#engine.arrived(clock.now(), link, bytes);
    const seed = world.random(32);
    const tell = (request: TrackerRequest): void => this.#tellTracker(request);
    const shelf = this.#shelf;
    this.#linkSide = new HlsLinkSide({ core, clock, seed, shelf, sheets, handle, isWanted, arrived, tell });
    this.#segments = new SegmentDesk({
      clock,
      fetch: world.fetch,
      book: this.#book,
      shelf: this.#shelf,
      witness: options.witness,
      place: options.place,
      handle,
      fault: (code, detail) => this.#fault({ kind: 'fault', code, detail }),
    });
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
    if (this.#state === 'running') this.#handle({ kind: 'stop' });
    this.#state = 'stopped';
    this.#segments.close();
    this.#tracker.close();
    this.#world.clock.cancel();
  }

  load(order: SegmentOrder, answer: (outcome: SegmentOutcome) => void): void {
    if (this.#state !== 'running') return answer({ kind: 'failed', status: 0 });
    const name = segmentName(this.#options.place, order.address, order.range);
    const key = this.#keyOf(name);
    this.#segments.load({ ...order, name, key }, answer);
    if (this.#segments.isWanted(key)) this.#linkSide.wanted(key);
  }

  callOff(id: number): void {
    this.#segments.callOff(id);
  }

  playlist(address: string, text: string): void {
    const path = segmentName('own', address);
    const taken = this.#book.takePlaylist(path, text, (uri) => this.#nameIn(uri, address));
    if ('kind' in taken) this.#fault(taken);
  }

  give(address: string, range: ByteRange | undefined, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state !== 'running') return;
    const name = segmentName(this.#options.place, address, range);
    this.#segments.given(this.#keyOf(name), name, bytes);
  }

  setPolicy(policy: SharingPolicy): void {
    this.#handle({ kind: 'policy', policy: this.#links === undefined ? { ...policy, mode: 'off' } : policy });
  }

  setNat(nat: NatKind): void {
    this.#handle({ kind: 'nat', nat });
  }

  setCredentials(credentials: string): void {
    this.#credentials = credentials;
  }

  stats(): HlsStats {
    const { view, membership } = this.#engine;
    const { swarm } = view;
    const { counters } = swarm;
    return {
      viewer: swarm.viewer,
      vouchedBy: this.#segments.vouchedBy,
      originBytes: this.#segments.originBytes,
      neighbourBytes: counters.neighbourBytes,
      uploadedBytes: counters.uploadedBytes,
      segmentsFromOrigin: this.#segments.fromOrigin,
      segmentsFromNeighbours: this.#segments.fromNeighbours,
      piecesRejected: counters.piecesRejected,
      segmentsHeld: this.#shelf.wholes,
      storeBytes: this.#shelf.usedBytes,
      neighbours: [...view.seats.values()].map(({ neighbour }) => ({
        viewer: neighbour.viewer,
        rttMs: neighbour.rttKnown ? neighbour.rttMs : undefined,
        bytesIn: neighbour.bytesIn,
        bytesOut: neighbour.bytesOut,
      })),
      dials: membership.outcomes.totals,
      faults: Object.fromEntries(counters.faults),
    };
  }

  explain(): readonly string[] {
    return explainHls(this.stats(), {
      hasLinks: this.#links !== undefined,
      policy: this.#engine.view.swarm.policy,
      joined: this.#engine.membership.joined,
    });
  }

  #handle(input: HlsInput): void {
    if (this.#state !== 'running') return;
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#draining = false;
    }
  }

  #step(input: HlsInput): void {
    const { clock } = this.#world;
    this.#engine.counted({ originBytes: this.#segments.originBytes, stalls: 0 });
    this.#engine.handle(clock.now(), input);
    for (let output = this.#engine.poll(); output !== undefined; output = this.#engine.poll()) this.#perform(output);
    if (input.kind === 'segment-piece') this.#segments.pieceCame(input.key);
    const wake = this.#engine.nextWakeup();
    if (wake === Number.POSITIVE_INFINITY) clock.cancel();
    else clock.wakeAt(wake, () => this.#handle({ kind: 'wake' }));
  }

  #perform(output: HlsOutput): void {
    switch (output.kind) {
      case 'open-tracker':
        return this.#tracker.open();
      case 'close-tracker':
        return this.#tracker.close();
      case 'join-tracker':
        return this.#join(output);
      case 'tell-tracker':
        return this.#tellTracker(output.request);
      case 'dial':
        return this.#links?.dial(output.link, { initiator: output.initiator, iceServers: this.#options.iceServers });
      case 'signal':
        return this.#links?.signal(output.link, output.data);
      case 'hang-up':
        this.#linkSide.forget(output.link);
        return this.#links?.hangUp(output.link);
      case 'tell-hls':
        this.#links?.send(output.link, 'control', encodeHlsMessage(output.message));
        return;
      case 'tell-sheet':
        return this.#tellSheet(output.link, output.key);
      case 'push-piece':
        return this.#push(output.link, output.key, output.piece);
      case 'fetch':
        return this.#segments.fetch(output.key, output.range);
      case 'cancel-fetch':
        return this.#segments.cancelFetch(output.key);
      case 'fault':
        return this.#faults.add(this.#world.clock.now(), output.code, output.detail);
    }
  }

  #join({ uploads, nat }: { readonly uploads: boolean; readonly nat: NatKind }): void {
    const viewerKey = toBase64Url(this.#linkSide.viewerKey);
    const { room: path } = this.#options;
    const known = { path, credentials: this.#credentials, viewerKey, uploads, nat };
    this.#tracker.send(encodeTrackerMessage({ kind: 'join', version: PROTOCOL_VERSION, ...known, receipts: true }));
  }

  #tellTracker(request: TrackerRequest): void {
    this.#linkSide.receipts.before(request);
    this.#tracker.send(encodeTrackerMessage(request));
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

  #tellSheet(link: number, key: SegmentKey): void {
    const kept = this.#shelf.get(key);
    if (kept === undefined) return;
    for (const message of sheetMessages(kept)) this.#links?.send(link, 'control', encodeHlsMessage(message));
  }

  #push(link: number, key: SegmentKey, piece: number): void {
    const bytes = this.#shelf.piece(key, piece);
    if (bytes === undefined) return;
    let sent = 0;
    for (const part of splitSegmentPiece(key, piece, bytes)) {
      if (this.#links?.send(link, 'pieces', part) === true) sent += part.length;
    }
    if (sent === 0) return;
    this.#engine.uploaded(this.#world.clock.now(), link, sent);
    this.#linkSide.receipts.sent(link, sent);
  }

  /** A URI as a playlist writes it, with the range a seal gives it. */
  #nameIn(uri: string, playlist: string): string | undefined {
    const [path = '', range] = uri.split('#');
    const address = this.#world.resolve(path, playlist);
    if (address === undefined) return undefined;
    const [first, last] = (range ?? '').split('-').map(Number);
    const bytes = range === undefined || first === undefined || last === undefined ? undefined : { first, last };
    return segmentName(this.#options.place, address, bytes);
  }

  #keyOf(name: string): SegmentKey {
    return keyOf((bytes) => this.#world.core.blake3(bytes), name);
  }

  #fault({ code, detail }: Fault): void {
    this.#engine.view.swarm.counters.fault(code);
    this.#faults.add(this.#world.clock.now(), code satisfies ErrorCode, detail);
  }
}
