/**
 * One viewer of virtual time: the engine that ships, with ghost bytes. What it is told and what it says goes through
 * the checks of the world.
 */
import type { PolicyReport, ViewerInput, ViewerOutput } from '../src/core/viewer/io.ts';
import type { PlayoutMode } from '../src/core/viewer/playout.ts';
import { ViewerEngine } from '../src/core/viewer/viewer-engine.ts';
import type { Head } from '../src/wire/head.ts';
import type { LinkMessage } from '../src/wire/link.ts';
import { partsBytes, pieceBytes } from '../src/wire/piece.ts';
import type { GhostOrigin } from './ghost-origin.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';
import { GhostScreen } from './ghost-screen.ts';
import type { GhostTracker } from './ghost-tracker.ts';
import { GhostUplink } from './ghost-uplink.ts';
import { Ledger, type LedgerRules } from './ledger.ts';
import type { Network } from './network.ts';
import type { ServerStage } from './stage.ts';
import type { Trace } from './trace.ts';

/** What a viewer is like. */
export interface ViewerTraits {
  readonly name: string;
  readonly seed: number;
  /** Bits a second; 0 for a viewer that cannot upload. */
  readonly uplinkBitsPerSec: number;
  /** The page's own cap, bytes a second. */
  readonly capBytesPerSec: number;
  readonly originRttMs: number;
  /** Half the round trip to the middle of the network. */
  readonly reachMs: number;
  readonly playout: PlayoutMode;
  /** Changes what the engine says before the world sees it: how a broken engine is shown to the checks. */
  readonly sabotage: ((output: ViewerOutput) => readonly ViewerOutput[]) | undefined;
}

/** An end of a link. */
export interface FarEnd {
  readonly viewer: GhostViewer;
  readonly link: number;
}

/** Who is told of what a viewer does. */
interface Watcher {
  received(viewer: GhostViewer, header: GhostPiece): void;
  played(viewer: GhostViewer, sequence: number): void;
  pushed(
    viewer: GhostViewer,
    push: { readonly sequence: number; readonly held: boolean; readonly links: number },
  ): void;
  epoch(viewer: GhostViewer): void;
  slept(viewer: GhostViewer): void;
}

/** The world as a viewer sees it. */
export interface ViewerStage extends ServerStage {
  readonly origin: GhostOrigin;
  readonly tracker: GhostTracker;
  readonly network: Network;
  readonly trace: Trace;
  readonly rules: LedgerRules;
  readonly totals: { usefulBytes: number; arrivedBytes: number };
  readonly checks: ServerStage['checks'] & Watcher;
  viewer(name: string): GhostViewer | undefined;
  /** Both ends have signalled: the link opens, or this pair cannot connect. */
  establish(a: FarEnd, b: FarEnd): void;
}

/** Bytes of a control message; none of them is large. */
const CONTROL_BYTES = 60;
const REPORT_EVERY_MS = 250;
/** A link whose other end is gone without a word is noticed by its transport after this long. */
const SILENT_MS = 5_000;

export class GhostViewer {
  readonly name: string;
  readonly originRttMs: number;
  readonly reachMs: number;
  readonly capBytesPerSec: number;
  readonly engine: ViewerEngine;
  readonly joinedAt: number;
  readonly uplink: GhostUplink;
  readonly screen: GhostScreen | undefined;
  readonly #world: ViewerStage;
  readonly #sabotage: ViewerTraits['sabotage'];
  readonly #far = new Map<number, FarEnd>();
  readonly #headers = new Map<number, GhostPiece>();
  readonly #missed: (() => void)[] = [];
  #wakeAt = Number.POSITIVE_INFINITY;
  #state: 'up' | 'frozen' | 'gone' = 'up';
  readonly ledger: Ledger;
  #playedOfKeyframe = 0;

  constructor(world: ViewerStage, traits: ViewerTraits) {
    this.#world = world;
    this.name = traits.name;
    this.originRttMs = traits.originRttMs;
    this.reachMs = traits.reachMs;
    this.capBytesPerSec = traits.capBytesPerSec;
    this.#sabotage = traits.sabotage;
    this.joinedAt = world.now;
    this.ledger = new Ledger(world.rules, world.now);
    this.uplink = new GhostUplink(traits.uplinkBitsPerSec);
    this.screen = traits.playout.kind === 'media' ? new GhostScreen() : undefined;
    const policy: PolicyReport = {
      mode: traits.uplinkBitsPerSec > 0 ? 'on' : 'download-only',
      uploadBytesPerSec: traits.capBytesPerSec,
      neighbours: 16,
    };
    this.engine = new ViewerEngine({ seed: traits.seed, policy, playout: traits.playout, windowCapacity: 1024 });
  }

  get up(): boolean {
    return this.#state !== 'gone';
  }

  /** Pieces whose bytes are kept. */
  get kept(): number {
    return this.#headers.size;
  }

  holds(sequence: number): boolean {
    return this.#headers.has(sequence);
  }

  holdsLink(link: number): boolean {
    return this.#far.has(link);
  }

  /** Whoever is at the other end of a link. */
  farOf(link: number): GhostViewer | undefined {
    return this.#far.get(link)?.viewer;
  }

  start(): void {
    this.input({ kind: 'start' });
    if (this.screen !== undefined) this.#report(this.screen);
  }

  /** Leaves without a word: its links close a while later. */
  vanish(): void {
    this.#state = 'gone';
    this.#world.origin.close(this);
    this.#world.tracker.leave(this);
    for (const far of this.#far.values()) {
      this.#world.at(this.#world.now + SILENT_MS, () => far.viewer.linkLost(far.link));
    }
    this.#far.clear();
  }

  /** The page sleeps: what comes meanwhile is handed over when it wakes. */
  freeze(ms: number): void {
    if (this.#state !== 'up') return;
    this.#state = 'frozen';
    this.ledger.excuse(this.#world.now + ms + 3_000);
    this.#world.checks.slept(this);
    this.#world.at(this.#world.now + ms, () => this.#thaw());
  }

  linkLost(link: number): void {
    if (this.#far.delete(link)) this.input({ kind: 'link-closed', link });
  }

  connect(link: number, far: FarEnd): void {
    this.#far.set(link, far);
    this.input({ kind: 'link-opened', link, viewer: far.viewer.name });
  }

  input(input: ViewerInput): void {
    if (this.#state === 'gone') return;
    if (this.#state === 'frozen') {
      this.#missed.push(() => this.input(input));
      return;
    }
    this.#world.trace.addWord(input.kind, this.#world.now);
    this.engine.handle(this.#world.now, input);
    for (let output = this.engine.poll(); output !== undefined; output = this.engine.poll()) {
      if (this.#sabotage === undefined) this.#perform(output);
      else for (const changed of this.#sabotage(output)) this.#perform(changed);
    }
    this.#arm();
  }

  /** A head arrives. */
  head(head: Head, epochTag: number, from: 'origin' | number): void {
    this.input({ kind: 'head', head, epochTag, from });
  }

  /** A piece arrives, over whatever way. */
  piece(header: GhostPiece, from: 'origin' | number): void {
    if (this.#state === 'frozen') this.#missed.push(() => this.piece(header, from));
    if (this.#state !== 'up') return;
    const { sequence } = header;
    this.#world.totals.arrivedBytes += pieceBytes(header);
    if (header.epochTag !== this.engine.view.epochTag)
      return this.input({ kind: 'piece-rejected', from, reason: 'foreign' });
    if (this.#headers.has(sequence)) {
      return this.input({ kind: 'piece-duplicate', sequence, bytes: pieceBytes(header), from });
    }
    this.#headers.set(sequence, header);
    this.#world.totals.usefulBytes += pieceBytes(header);
    this.ledger.received(this.#world.now, header);
    this.#world.checks.received(this, header);
    this.input({ kind: 'piece', header, from });
  }

  #thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'up';
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#world.checks.slept(this);
    for (const deliver of this.#missed.splice(0)) deliver();
    this.input({ kind: 'wake' });
  }

  #arm(): void {
    const next = this.engine.nextWakeup();
    if (next >= this.#wakeAt || next === Number.POSITIVE_INFINITY) return;
    this.#wakeAt = next;
    this.#world.at(Math.max(this.#world.now, next), () => {
      if (this.#wakeAt > this.#world.now || this.#state !== 'up') return;
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.input({ kind: 'wake' });
    });
  }

  #perform(output: ViewerOutput): void {
    const { origin, tracker, trace } = this.#world;
    trace.addWord(output.kind, 'link' in output ? output.link : 'sequence' in output ? output.sequence : 0);
    switch (output.kind) {
      case 'open-origin':
        return origin.open(this, output);
      case 'ask-origin':
        return this.#world.at(this.#world.now, () => origin.ask(this, output.request));
      case 'close-origin':
        return origin.close(this);
      case 'open-tracker':
        return this.#world.toViewer(this, this.originRttMs, () => this.input({ kind: 'tracker-opened' }));
      case 'join-tracker':
        return tracker.join(this, output.uploads);
      case 'tell-tracker':
        return tracker.tell(this, output.request);
      case 'dial':
        return this.#dial(output.link, output.initiator);
      case 'signal':
        return this.#signalled(output.link, output.data);
      case 'hang-up':
        return this.#hangUp(output.link);
      case 'tell':
        return this.#tell(output.link, output.message);
      case 'tell-head':
        return this.#tellHead(output.link);
      case 'push':
        return this.#push(output.links, output.sequence);
      case 'play':
        return this.#play(output.sequence);
      case 'run':
        return this.screen?.restart(this.#world.now);
      case 'rate':
        return this.screen?.setRate(this.#world.now, output.rate);
      case 'seek':
        return this.screen?.seek(this.#world.now, output.dtsMs);
      case 'epoch':
        this.#headers.clear();
        return this.#world.checks.epoch(this);
      case 'evict':
        for (const sequence of this.#headers.keys()) if (sequence < output.below) this.#headers.delete(sequence);
        return;
      case 'close-tracker':
      case 'skip':
      case 'ended':
      case 'fault':
      case 'fell-back':
      case 'state':
        return;
    }
  }

  /** The keyframe after a group is due. */
  judge(group: Group): void {
    const { epochTag } = this.engine.view;
    if (this.#state === 'up' && epochTag <= group.epochTag)
      this.ledger.judge(group, (sequence) => epochTag === group.epochTag && this.#headers.has(sequence));
  }

  #play(sequence: number): void {
    this.#world.checks.played(this, sequence);
    const header = this.#headers.get(sequence);
    if (this.ledger.startedAt === undefined && header !== undefined) {
      if (header.keyframe) this.#playedOfKeyframe = 0;
      if (++this.#playedOfKeyframe >= header.group.keyPieces) this.ledger.started(this.#world.now);
    }
    if (header !== undefined)
      this.screen?.feed(this.#world.now, header.dtsMs, 1000 / this.#world.origin.piecesPerSecond);
  }

  #report(screen: GhostScreen): void {
    if (!this.up) return;
    const playhead = screen.report(this.#world.now);
    if (playhead !== undefined && this.#state === 'up') this.input({ kind: 'playhead', playhead });
    this.#world.at(this.#world.now + REPORT_EVERY_MS, () => this.#report(screen));
  }

  #dial(link: number, initiator: boolean): void {
    if (!initiator) return;
    this.#world.toViewer(this, 5, () => this.input({ kind: 'link-signal', link, data: `offer ${link}` }));
  }

  /** Signalling data is `offer <link>` or `answer <link> <name>`: enough to find each other. */
  #signalled(link: number, data: string): void {
    const [kind, theirLink, theirName] = data.split(' ');
    if (kind === 'offer') {
      const answer = { kind: 'link-signal', link, data: `answer ${link} ${this.name}` } as const;
      return this.#world.toViewer(this, 5, () => this.input(answer));
    }
    const other = this.#world.viewer(theirName ?? '');
    if (other !== undefined) {
      this.#world.establish({ viewer: this, link }, { viewer: other, link: Number(theirLink) });
    }
  }

  #hangUp(link: number): void {
    const far = this.#far.get(link);
    this.#far.delete(link);
    if (far !== undefined) this.#world.at(this.#arrival(0, far), () => far.viewer.linkLost(far.link));
  }

  #tell(link: number, message: LinkMessage): void {
    this.#reach(link, CONTROL_BYTES, (far) => far.viewer.input({ kind: 'link-said', link: far.link, message }));
  }

  #tellHead(link: number): void {
    const { head, epochTag } = this.engine.view;
    if (head !== undefined) this.#reach(link, 400, (far) => far.viewer.head(head, epochTag, far.link));
  }

  #push(links: readonly number[], sequence: number): void {
    const header = this.#headers.get(sequence);
    this.#world.checks.pushed(this, { sequence, held: header !== undefined, links: links.length });
    if (header === undefined) return;
    const bytes = partsBytes(pieceBytes(header));
    for (const link of links) {
      if (!this.#far.has(link)) continue;
      this.uplink.sentBytes += bytes;
      this.#reach(link, bytes, (far) => far.viewer.piece(header, far.link));
      this.engine.uploaded(this.#world.now, link, bytes);
    }
  }

  #reach(link: number, bytes: number, arrive: (far: FarEnd) => void): void {
    const far = this.#far.get(link);
    if (far === undefined) return;
    const lost = this.#world.network.lossMs(bytes, 2 * (this.reachMs + far.viewer.reachMs));
    this.#world.at(this.#arrival(bytes, far) + lost, () => {
      if (far.viewer.holdsLink(far.link)) arrive(far);
    });
  }

  #arrival(bytes: number, far: FarEnd): number {
    return this.uplink.depart(this.#world.now, bytes) + this.reachMs + far.viewer.reachMs;
  }
}
