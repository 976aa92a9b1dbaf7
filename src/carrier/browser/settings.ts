/**
 * What survives a reload: this installation's id and what the person in front of the page chose. Kept by idb-keyval;
 * where the browser stores nothing (private windows), it lasts as long as the page.
 */
import { createStore, get, set, type UseStore } from 'idb-keyval';

/** What is kept. */
export interface Settings {
  /** A random UUID, made once for this browser and site. */
  readonly installation: string;
  /** What the person chose; absent: what the page says. */
  readonly sharing?: 'on' | 'download-only' | 'off';
}

const KEY = 'settings';
let store: UseStore | undefined;
let kept: Promise<Settings> | undefined;

const storeOf = (): UseStore => {
  store ??= createStore('shoal', 'settings');
  return store;
};

/** The settings of this page's site; never rejects. */
export const loadSettings = (): Promise<Settings> => {
  kept ??= read();
  return kept;
};

/** Changes settings for good. */
export const saveSettings = async (change: Partial<Settings>): Promise<void> => {
  const settings = { ...(await loadSettings()), ...change };
  kept = Promise.resolve(settings);
  await write(settings);
};

const read = async (): Promise<Settings> => {
  const fresh: Settings = { installation: randomUuid() };
  try {
    const found = await get<unknown>(KEY, storeOf());
    if (isSettings(found)) return found;
  } catch {
    return fresh;
  }
  await write(fresh);
  return fresh;
};

/** `crypto.randomUUID` is not there on pages without https. */
const randomUuid = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

const write = async (settings: Settings): Promise<void> => {
  try {
    await set(KEY, settings, storeOf());
  } catch {
    // Storage is full or forbidden: the settings last as long as the page.
  }
};

const isSettings = (value: unknown): value is Settings => {
  const fields = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const { installation, sharing } = fields;
  if (typeof installation !== 'string') return false;
  return sharing === undefined || sharing === 'on' || sharing === 'download-only' || sharing === 'off';
};
