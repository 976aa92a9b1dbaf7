/**
 * Keeps the facts that decide about sharing and says when the policy changes: the page's wish, the person's consent and
 * remembered choice, the line, the page's visibility.
 */
import type { SharingPolicy } from '../carrier/worker-control.ts';
import { type ParsedOptions, parseCap, parseSharing, type Sharing } from './options.ts';
import { decideSharing, type SharingFacts } from './sharing.ts';
import type { SharingLimit } from './stats.ts';
import type { PlayerWorld } from './world.ts';

/** Why a viewer shares less than the page asked for, in words. */
const LIMIT_SENTENCES: Readonly<Record<SharingLimit, string | undefined>> = {
  none: undefined,
  'no-webrtc': undefined,
  'no-consent': 'The person has not agreed to sharing, so everything comes from the origin.',
  metered: 'The line is metered or asks for little data, so nothing is uploaded.',
  hidden: 'The page is hidden and told to leave its neighbours then.',
};

/** The desk of one player. */
export class SharingDesk {
  readonly #options: ParsedOptions;
  readonly #world: PlayerWorld;
  readonly #changed: (policy: SharingPolicy) => void;
  #facts: SharingFacts;
  #state: 'open' | 'closed' = 'open';

  constructor(options: ParsedOptions, world: PlayerWorld, changed: (policy: SharingPolicy) => void) {
    this.#options = options;
    this.#world = world;
    this.#changed = changed;
    this.#facts = {
      sharing: options.sharing,
      uploadBytesPerSec: options.uploadBytesPerSec,
      webrtc: world.support.webrtc,
      consent: options.consent === undefined ? 'not-needed' : 'pending',
      lineIsMetered: world.isLineMetered(),
      hidden: world.isHidden(),
    };
    void this.#askConsent();
    void this.#recall();
  }

  get sharing(): Sharing {
    return this.#facts.sharing;
  }

  get policy(): SharingPolicy {
    return decideSharing(this.#options, this.#facts).policy;
  }

  get limit(): SharingLimit {
    return decideSharing(this.#options, this.#facts).limit;
  }

  /** What limits sharing from the page's side, in words; undefined when nothing does. */
  get sentence(): string | undefined {
    return LIMIT_SENTENCES[this.limit];
  }

  setSharing(sharing: Sharing, remember: boolean): void {
    const checked = parseSharing(sharing);
    this.#learn({ sharing: checked });
    if (remember) void this.#world.saveSettings({ sharing: checked });
  }

  setUploadCap(kbps: number | undefined): void {
    this.#learn({ uploadBytesPerSec: parseCap(kbps) });
  }

  /** The page was hidden or seen, or the line changed. */
  lookAgain(): void {
    this.#learn({ lineIsMetered: this.#world.isLineMetered(), hidden: this.#world.isHidden() });
  }

  close(): void {
    this.#state = 'closed';
  }

  #learn(news: Partial<SharingFacts>): void {
    if (this.#state === 'closed') return;
    const before = JSON.stringify(this.policy);
    this.#facts = { ...this.#facts, ...news };
    // Infinity becomes null in JSON, as no cap should.
    if (JSON.stringify(this.policy) !== before) this.#changed(this.policy);
  }

  async #askConsent(): Promise<void> {
    const { consent } = this.#options;
    if (consent === undefined) return;
    try {
      this.#learn({ consent: (await consent()) === true ? 'given' : 'denied' });
    } catch {
      // A consent dialog that failed is no consent.
      this.#learn({ consent: 'denied' });
    }
  }

  async #recall(): Promise<void> {
    const { sharing } = await this.#world.loadSettings();
    if (sharing !== undefined) this.#learn({ sharing });
  }
}
