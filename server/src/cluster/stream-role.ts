// What one process does for one stream: cut it, or relay it from the process that holds its lease. Decides only; whoever
// carries it asks the store, cuts and relays.

/** The process that holds the lease of a stream, and where it is reached. */
export interface Holder {
  readonly node: string;
  readonly url: string;
}

/** What happens. */
export type RoleEvent =
  | { readonly kind: 'opened' }
  /** The lease is ours, somebody's, nobody's (and we have no source), or the store is away. */
  | { readonly kind: 'answered'; readonly holder: 'us' | 'nobody' | 'unknown' | Holder }
  /** The holder cannot be reached. */
  | { readonly kind: 'stranded' }
  /** Pieces come from the holder. */
  | { readonly kind: 'fed' }
  /** Our lease was found in other hands. */
  | { readonly kind: 'deposed'; readonly holder: Holder }
  /** Somebody gave the lease up. */
  | { readonly kind: 'freed' }
  /** Another process has begun to cut. */
  | { readonly kind: 'moved'; readonly holder: Holder }
  | { readonly kind: 'store-back' }
  /** A publisher has come to this process. */
  | { readonly kind: 'published' };

/** What is to be done. */
export type RoleOrder =
  | { readonly kind: 'ask' }
  /** Ask who holds the lease, without taking it. */
  | { readonly kind: 'look' }
  /** Ask again in a moment. */
  | { readonly kind: 'ask-soon' }
  /** Take the lease whoever holds it. */
  | { readonly kind: 'seize' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'relay'; readonly holder: Holder }
  /** Tell the holder that viewers here have seen newer epochs than its own. */
  | { readonly kind: 'outdo'; readonly holder: Holder };

/** `alone`: cutting without a lease, since the store is away and nobody else can be reached. */
export type RoleState = 'asking' | 'cutting' | 'alone' | 'relaying' | 'stranded';

/** See above. */
export class StreamRole {
  readonly #cutsHere: () => boolean;
  #state: RoleState = 'asking';
  #holder: Holder | undefined;

  /** `cutsHere` says whether there is a source for the stream here. */
  constructor(cutsHere: () => boolean) {
    this.#cutsHere = cutsHere;
  }

  get state(): RoleState {
    return this.#state;
  }

  /** Whom it is relayed from. */
  get holder(): Holder | undefined {
    return this.#holder;
  }

  /** What an event asks for. */
  decide(event: RoleEvent): RoleOrder[] {
    switch (event.kind) {
      case 'opened':
        return [{ kind: 'ask' }];
      case 'store-back':
        // Whoever is fed leaves the lease to the one that feeds it.
        return [{ kind: this.#state === 'relaying' ? 'look' : 'ask' }];
      case 'published':
        return [{ kind: 'seize' }];
      case 'answered':
        return this.#answered(event.holder);
      case 'deposed':
        return this.#state === 'cutting' ? this.#relay(event.holder) : [];
      case 'moved':
        return this.#state === 'relaying' || this.#state === 'stranded' ? this.#relay(event.holder) : [];
      case 'freed':
        return this.#state === 'cutting' ? [] : [{ kind: 'ask' }];
      case 'stranded':
        if (this.#state === 'relaying') this.#state = 'stranded';
        return this.#state === 'stranded' ? [{ kind: 'ask' }] : [];
      case 'fed':
        if (this.#state === 'stranded') this.#state = 'relaying';
        return [];
    }
  }

  #answered(holder: Extract<RoleEvent, { readonly kind: 'answered' }>['holder']): RoleOrder[] {
    if (holder === 'us') return this.#cut('cutting');
    if (holder === 'unknown') return this.#goOn();
    if (holder === 'nobody') return this.#state === 'relaying' ? [] : [{ kind: 'ask-soon' }];
    // The lease of a process that has died runs out in a moment.
    const again: RoleOrder[] = this.#state === 'stranded' ? [{ kind: 'ask-soon' }] : [];
    const outdo: RoleOrder[] = this.#state === 'alone' ? [{ kind: 'outdo', holder }] : [];
    return [...outdo, ...this.#relay(holder), ...again];
  }

  /** Without the store whoever cuts goes on cutting and whoever is fed goes on being fed. */
  #goOn(): RoleOrder[] {
    const isFed = this.#state === 'cutting' || this.#state === 'alone' || this.#state === 'relaying';
    return isFed || !this.#cutsHere() ? [] : this.#cut('alone');
  }

  #cut(state: 'cutting' | 'alone'): RoleOrder[] {
    const cuts = this.#state === 'cutting' || this.#state === 'alone';
    this.#state = state;
    this.#holder = undefined;
    return cuts ? [] : [{ kind: 'cut' }];
  }

  #relay(holder: Holder): RoleOrder[] {
    const isSame = this.#holder?.node === holder.node && this.#holder.url === holder.url;
    this.#holder = holder;
    if (isSame) return [];
    this.#state = 'relaying';
    return [{ kind: 'relay', holder }];
  }
}
