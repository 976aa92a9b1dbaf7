/**
 * Keys while the focus is in the player: what people know from every other player.
 */

/** What a key asks for. */
export type KeyAction =
  | {
      readonly kind: 'toggle-play' | 'toggle-mute' | 'toggle-fullscreen' | 'toggle-captions' | 'toggle-why' | 'dismiss';
    }
  | { readonly kind: 'volume'; readonly by: number };

const ACTIONS: Readonly<Record<string, KeyAction>> = {
  ' ': { kind: 'toggle-play' },
  k: { kind: 'toggle-play' },
  m: { kind: 'toggle-mute' },
  f: { kind: 'toggle-fullscreen' },
  c: { kind: 'toggle-captions' },
  i: { kind: 'toggle-why' },
  ArrowUp: { kind: 'volume', by: 0.05 },
  ArrowDown: { kind: 'volume', by: -0.05 },
  Escape: { kind: 'dismiss' },
};

/** The part of a key press that is used. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** What a press asks for; undefined when it belongs to the browser or to the control that has the focus. */
export const actionOf = (press: Press, focused: string): KeyAction | undefined => {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (key === ' ' && (focused === 'button' || focused === 'a')) return undefined;
  if (key.startsWith('Arrow') && focused === 'input') return undefined;
  return ACTIONS[key];
};
