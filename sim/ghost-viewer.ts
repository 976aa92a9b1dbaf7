/**
 * One viewer of virtual time: a decider with ghost bytes, a line, a clock of its own that is a little wrong, and links.
 * What it is told and what it says goes through the checks of the world.
 */
import type { PolicyReport, ViewerInput, ViewerOutput } from '../src/core/viewer/io.ts';
import type { Head } from '../src/wire/head.ts';
import type { LinkMessage } from '../src/wire/link.ts';
import { pieceBytes } from '../src/wire/piece.ts';
import { SILENT_MS } from './calibration/real-links.ts';
import type { Decider } from './decider.ts';
import { codeOf, detailOf, kindOf, type Sink } from './event-wheel.ts';
import { GhostLine } from './ghost-line.ts';
import type { GhostOrigin } from './ghost-origin.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';
import { GhostScreen } from './ghost-screen.ts';
import { HeldPieces, powerAbove } from './held-pieces.ts';
import { Ledger } from './ledger.ts';
import type { Line } from './lines.ts';
import type { LinkEnd, LinkOwner, PieceState } from './link-end.ts';
import { LinkEnds } from './link-ends.ts';
import type { LinkDialler, ViewerStage, ViewerTraits } from './viewer-traits.ts';

const WAKE = 0;
const INPUT = 1;
const PIECE = 2;
const HEAD = 3;
const REPORT = 4;
const THAW = 5;
const LATE = 6;

const REPORT_EVERY_MS = 250;
/** A page gathers its candidates for this long before it signals. */
const GATHER_MS = 5;
/** Pieces remembered as held, a power of two: what engines keep, and some more. */
const HELD_SECONDS = 40;
const WINDOW_SECONDS = 20;

export class GhostViewer implements LinkDialler, Sink {
  readonly traits: ViewerTraits;
  readonly name: string;
  readonly originRttMs: number;
  readonly joinedAt: number;
  readonly ghostLine: GhostLine;
  readonly screen: GhostScreen | undefined;
  readonly ledger: Ledger;
  readonly decider: Decider;
  readonly origin: GhostOrigin;
  /** For the search for circles. */
  walk = 0;
  readonly #world: ViewerStage<GhostViewer>;
  readonly #ends = new LinkEnds();
  readonly #held: HeldPieces;
  /** Bad pieces it took for good ones. */
  readonly #bad = new Set<number>();
  readonly #missed: (() => void)[] = [];
  #epochTag = -1;
  #playedOfKeyframe = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #state: 'up' | 'frozen' | 'gone' = 'up';

  constructor(world: ViewerStage<GhostViewer>, traits: ViewerTraits) {
    this.#world = world;
    this.traits = traits;
    this.name = traits.name;
    this.originRttMs = traits.originRttMs;
    this.joinedAt = world.now;
    this.origin = world.origin(traits.stream);
    this.ledger = new Ledger(world.rules, world.now);
    this.ghostLine = new GhostLine(traits);
    this.screen = traits.playout.kind === 'media' ? new GhostScreen() : undefined;
    this.#held = new HeldPieces(powerAbove(this.origin.piecesPerSecond * HELD_SECONDS));
    const policy: PolicyReport = {
      mode: traits.uplinkBitsPerSec > 0 && traits.conduct?.policy !== 'free-rider' ? 'on' : 'download-only',
      uploadBytesPerSec: traits.capBytesPerSec,
      neighbours: 16,
    };
    const windowCapacity = powerAbove(this.origin.piecesPerSecond * WINDOW_SECONDS);
    this.decider = traits.decider({ seed: traits.seed, policy, playout: traits.playout, windowCapacity });
  }

  get region(): number {
    return this.traits.region;
  }

  get address(): string {
    return this.traits.address;
  }

  get stream(): number {
    return this.traits.stream;
  }

  get originLoss(): number {
    return this.traits.originLoss;
  }

  get line(): Line {
    return this.traits.line;
  }

  get up(): boolean {
    return this.#state !== 'gone';
  }

  get page(): ViewerTraits['page'] {
    return this.traits.page;
  }

  /** Pieces whose bytes are kept. */
  get kept(): number {
    return this.#held.count;
  }

  /** Harms nobody on purpose: only such viewers are measured. */
  get honest(): boolean {
    const policy = this.traits.conduct?.policy;
    return policy === undefined || policy === 'free-rider' || policy === 'gullible' || policy === 'broken';
  }

  holds(sequence: number): boolean {
    return this.#held.has(sequence);
  }

  /** Whoever is at the other end of a link. */
  farOf(link: number): LinkOwner | undefined {
    return this.#ends.get(link)?.far;
  }

  start(): void {
    this.input({ kind: 'start' });
    if (this.screen !== undefined) this.#report(this.screen);
  }

  /** Leaves without a word: its links close a while later. */
  vanish(): void {
    this.#state = 'gone';
    this.origin.close(this);
    this.#world.tracker.leave(this);
    for (const end of this.#ends.takeAll()) end.close(SILENT_MS);
  }

  /** The page sleeps: what comes meanwhile is handed over when it wakes. */
  freeze(ms: number): void {
    if (this.#state !== 'up') return;
    this.#state = 'frozen';
    this.ledger.excuse(this.#world.now + ms + 3_000);
    this.#world.checks.slept(this);
    this.#world.wheel.schedule(this.#world.now + ms, this, THAW, undefined);
  }

  linkLost(link: number): void {
    if (this.#ends.remove(link)) this.input({ kind: 'link-closed', link });
  }

  connect(end: LinkEnd): void {
    this.#ends.add(end);
    if (end.far !== undefined) this.input({ kind: 'link-opened', link: end.link, viewer: end.far.name });
  }

  heard(link: number, message: LinkMessage): void {
    this.input({ kind: 'link-said', link, message });
  }

  headCame(link: number, head: Head, epochTag: number): void {
    this.input({ kind: 'head', head, epochTag, from: link });
  }

  pieceCame(link: number, piece: GhostPiece, state: PieceState): void {
    this.#piece(piece, link, state);
  }

  /** Something of the origin or the tracker arrives after a while. */
  later(delayMs: number, input: ViewerInput): void {
    this.#world.wheel.schedule(this.#world.now + delayMs, this, INPUT, input);
  }

  headFromOrigin(at: number, head: Head, epochTag: number): void {
    this.#world.wheel.schedule(at, this, codeOf(HEAD, epochTag), head);
  }

  pieceFromOrigin(at: number, piece: GhostPiece): void {
    this.#world.wheel.schedule(at, this, PIECE, piece);
  }

  fire(code: number, what: unknown): void {
    if (this.#state === 'gone') return;
    switch (kindOf(code)) {
      case WAKE:
        return this.#wake();
      case INPUT:
        return this.input(what as ViewerInput);
      case PIECE:
        return this.#piece(what as GhostPiece, 'origin', 'good');
      case HEAD:
        return this.input({ kind: 'head', head: what as Head, epochTag: detailOf(code), from: 'origin' });
      case REPORT:
        if (this.screen !== undefined) this.#report(this.screen);
        return;
      case THAW:
        return this.#thaw();
      case LATE:
        return (what as () => void)();
    }
  }

  input(input: ViewerInput): void {
    if (this.traits.processor !== undefined && this.#waits(() => this.input(input))) return;
    if (this.#state !== 'up') {
      if (this.#state === 'frozen') this.#missed.push(() => this.input(input));
      return;
    }
    const { decider, traits } = this;
    decider.handle(traits.clock.local(this.#world.now), input);
    for (let output = decider.poll(); output !== undefined; output = decider.poll()) {
      if (traits.conduct?.rewrite === undefined) this.#perform(output);
      else for (const changed of traits.conduct.rewrite(output)) this.#perform(changed);
    }
    this.#arm();
  }

  /** The keyframe after a group is due. */
  judge(group: Group): void {
    const { epochTag } = this.decider;
    if (this.#state !== 'up' || this.stream !== group.stream || epochTag > group.epochTag) return;
    this.ledger.judge(group, epochTag === group.epochTag ? this.#held : undefined);
  }

  /** What comes while its processor is busy is looked at afterwards, in order. */
  #waits(look: () => void): boolean {
    const { now, wheel } = this.#world;
    const freeAt = this.traits.processor?.freeAt(now) ?? now;
    if (freeAt > now) wheel.schedule(freeAt, this, LATE, look);
    return freeAt > now;
  }

  /** A piece arrives, over whatever way. */
  #piece(piece: GhostPiece, from: 'origin' | number, state: PieceState): void {
    if (this.traits.processor !== undefined && this.#waits(() => this.#piece(piece, from, state))) return;
    if (this.#state !== 'up') {
      if (this.#state === 'frozen') this.#missed.push(() => this.#piece(piece, from, state));
      return;
    }
    const { sequence } = piece;
    const bytes = pieceBytes(piece);
    if (this.honest) this.#world.totals.arrivedBytes += bytes;
    if (piece.epochTag !== this.decider.epochTag)
      return this.input({ kind: 'piece-rejected', from, reason: 'foreign' });
    if (this.#held.has(sequence)) return this.input({ kind: 'piece-duplicate', sequence, bytes, from });
    if (state === 'bad' && this.traits.conduct?.policy !== 'gullible')
      return this.input({ kind: 'piece-rejected', from, reason: 'bad' });
    if (!this.#held.add(sequence)) return;
    if (state === 'bad') this.#bad.add(sequence);
    else {
      if (this.honest) this.#world.totals.usefulBytes += bytes;
      this.ledger.received(this.#world.now, piece);
    }
    this.#world.checks.received(this, piece, state);
    this.input({ kind: 'piece', header: piece, from });
  }

  #wake(): void {
    if (this.#wakeAt > this.#world.now || this.#state !== 'up') return;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.input({ kind: 'wake' });
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
    const next = this.decider.nextWakeup();
    if (next === Number.POSITIVE_INFINITY) return;
    const { now } = this.#world;
    const at = Math.max(now, this.traits.clock.world(next));
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#world.wheel.schedule(at, this, WAKE, undefined);
  }

  #perform(output: ViewerOutput): void {
    const { tracker } = this.#world;
    switch (output.kind) {
      case 'tell':
        return this.#ends.get(output.link)?.say(output.message);
      case 'push':
        return this.#push(output.links, output.sequence);
      case 'play':
        return this.#play(output.sequence);
      case 'tell-head':
        return this.#tellHead(output.link);
      case 'open-origin':
        return this.origin.open(this, output);
      case 'ask-origin':
        return this.origin.ask(this, output.request);
      case 'close-origin':
        return this.origin.close(this);
      case 'open-tracker':
        return tracker.open(this);
      case 'join-tracker':
        return tracker.join(this, output.uploads || this.traits.conduct?.policy === 'free-rider');
      case 'tell-tracker':
        return tracker.tell(this, output.request);
      case 'dial':
        return this.#dial(output.link, output.initiator);
      case 'signal':
        return this.#signalled(output.link, output.data);
      case 'hang-up':
        return this.#hangUp(output.link);
      default:
        return this.#show(output);
    }
  }

  /** What only playback hears. */
  #show(output: ViewerOutput): void {
    const { now } = this.#world;
    switch (output.kind) {
      case 'run':
        return this.screen?.restart(now);
      case 'rate':
        return this.screen?.setRate(now, output.rate);
      case 'seek':
        return this.screen?.seek(now, output.dtsMs);
      case 'epoch':
        this.#held.clear();
        this.#bad.clear();
        this.#epochTag = this.decider.epochTag;
        return this.#world.checks.epoch(this);
      case 'evict':
        return this.#held.forgetBelow(output.below);
      default:
        return;
    }
  }

  #play(sequence: number): void {
    this.#world.checks.played(this, sequence);
    this.#held.playedFrom = Math.min(this.#held.playedFrom, sequence);
    const piece = this.origin.piece(this.#epochTag, sequence);
    if (piece === undefined) return;
    if (this.#bad.has(sequence)) this.#world.totals.badPlayed += pieceBytes(piece);
    if (this.ledger.startedAt === undefined) {
      if (piece.keyframe) this.#playedOfKeyframe = 0;
      if (++this.#playedOfKeyframe >= piece.group.keyPieces) this.ledger.started(this.#world.now);
    }
    this.screen?.feed(this.#world.now, piece.dtsMs, 1000 / this.origin.piecesPerSecond);
  }

  #report(screen: GhostScreen): void {
    const playhead = screen.report(this.#world.now);
    if (playhead !== undefined && this.#state === 'up') this.input({ kind: 'playhead', playhead });
    this.#world.wheel.schedule(this.#world.now + REPORT_EVERY_MS, this, REPORT, undefined);
  }

  #dial(link: number, initiator: boolean): void {
    if (initiator) this.later(GATHER_MS, { kind: 'link-signal', link, data: `offer ${link}` });
  }

  /** Signalling data is `offer <link>` or `answer <link> <name>`: enough to find each other. */
  #signalled(link: number, data: string): void {
    const [kind, theirLink, theirName] = data.split(' ');
    if (kind === 'offer')
      return this.later(GATHER_MS, { kind: 'link-signal', link, data: `answer ${link} ${this.name}` });
    const viewer = this.#world.viewer(theirName ?? '');
    if (viewer !== undefined) this.#world.establish({ viewer: this, link }, { viewer, link: Number(theirLink) });
  }

  #hangUp(link: number): void {
    this.#ends.get(link)?.close(0);
    this.#ends.remove(link);
  }

  #tellHead(link: number): void {
    const { head, epochTag } = this.decider;
    if (head !== undefined) this.#ends.get(link)?.sayHead(head, epochTag);
  }

  #push(links: readonly number[], sequence: number): void {
    const held = this.#held.has(sequence);
    this.#world.checks.pushed(this, { sequence, held });
    const piece = held ? this.origin.piece(this.#epochTag, sequence) : undefined;
    if (piece === undefined) return;
    const state = this.#bad.has(sequence) || this.traits.conduct?.policy === 'corrupts' ? 'bad' : 'good';
    for (const link of links) {
      const end = this.#ends.get(link);
      if (end === undefined) continue;
      const bytes = end.push(piece, state);
      if (state === 'bad' && this.traits.conduct?.policy !== 'corrupts') this.#world.totals.badForwarded += bytes;
      if (bytes === 0) continue;
      this.ghostLine.sentBytes += bytes;
      this.decider.uploaded(this.traits.clock.local(this.#world.now), link, bytes);
    }
  }
}
