/**
 * What must not be read in a log: query values, credentials, keys, tokens. Everything that is written goes through here,
 * so whoever writes a line need not think of it.
 */

/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/** Shorter ones would blot out ordinary words. */
const SECRET_CHARACTERS_MIN = 4;
const SECRETS_MAX = 256;

const NAMES =
  'pass(?:word|wd)?|secret(?:[ _-]?key)?|app[ _-]?secret(?:[ _-]?key)?|app[ _-]?key|access[ _-]?key|api[ _-]?key|key|' +
  'token|auth(?:orization)?|credentials?|sign(?:ature)?|xp2p[ _-]?info|cookie|code';

/** In this order: an earlier rule leaves nothing a later one needs. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // Who is meant by an address, not with what: https://user:password@host
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s?#@]+@/gi, `$1${REDACTED}@`],
  // The query of an address admits its holder, whatever its members are called; so may the part after #.
  [/([?&#][\w.~%[\]-]+=)[^&#\s"'<>)\]}]+/g, `$1${REDACTED}`],
  [/(\b(?:bearer|basic)\s+)[\w.~+/=-]{4,}/gi, `$1${REDACTED}`],
  // A signed token by its shape, and a device's info by its own.
  [/\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?/g, REDACTED],
  [/\bXP2P[\w+/=-]{6,}/g, REDACTED],
  // "name": "value", name=value, name: value
  [new RegExp(`("(?:\\w*[_-])?(?:${NAMES})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `$1"${REDACTED}"`],
  [new RegExp(`(\\b(?:\\w*[_-])?(?:${NAMES})\\s*=\\s*)(?!\\[redacted\\])[^\\s&,;"'<>)\\]}]+`, 'gi'), `$1${REDACTED}`],
  // Keys and digests as they are written here: 32 bytes and more in hexadecimal or base64url.
  [/\b[0-9a-f]{64,}\b/gi, REDACTED],
  [/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43,}(?![\w-])/g, REDACTED],
];

/** Takes secrets out of text: those it was told of, and those that show by where they stand. */
export class Redaction {
  readonly #secrets = new Set<string>();

  /** From now on this text never appears, as it is or percent-encoded. */
  keep(secret: string | undefined): void {
    if (secret === undefined || secret.length < SECRET_CHARACTERS_MIN) return;
    for (const form of [secret, encodeURIComponent(secret)]) {
      this.#secrets.delete(form);
      this.#secrets.add(form);
    }
    for (const oldest of this.#secrets) {
      if (this.#secrets.size <= SECRETS_MAX) return;
      this.#secrets.delete(oldest);
    }
  }

  /** The text without its secrets. */
  apply(text: string): string {
    let clean = text;
    // The longest first: one may be part of another.
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) {
      clean = clean.replaceAll(secret, REDACTED);
    }
    for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement);
    return clean;
  }
}
