/**
 * Hears what a page's Content-Security-Policy forbids, on the page or in its worker, and says what the policy lacks.
 */

/** What a policy must have for Shoal to work. */
export interface PolicyLack {
  readonly directive: string;
  /** The source to add to it, such as `blob:` or the address of a host. */
  readonly source: string;
}

/** The part of a violation that is used. */
export interface Violation {
  readonly disposition: string;
  readonly effectiveDirective: string;
  readonly blockedURI: string;
}

/** What a violation says the policy lacks; undefined when it is none of ours or only a report. */
export const lackOf = ({ disposition, effectiveDirective, blockedURI }: Violation): PolicyLack | undefined => {
  if (disposition === 'report') return undefined;
  switch (effectiveDirective) {
    case 'script-src':
      return blockedURI.startsWith('wasm') ? { directive: 'script-src', source: "'wasm-unsafe-eval'" } : undefined;
    case 'worker-src':
    case 'media-src':
      return blockedURI.startsWith('blob') ? { directive: effectiveDirective, source: 'blob:' } : undefined;
    case 'webrtc':
      return { directive: 'webrtc', source: "'allow'" };
    case 'connect-src':
      return URL.canParse(blockedURI)
        ? { directive: 'connect-src', source: addressOf(new URL(blockedURI)) }
        : undefined;
    default:
      return undefined;
  }
};

/** Listens to a document, or to a worker's own scope; returns how to stop. */
export const watchPolicy = (scope: EventTarget, heard: (lack: PolicyLack) => void): (() => void) => {
  const hear = (event: Event): void => {
    const lack = lackOf(event as Event & Violation);
    if (lack !== undefined) heard(lack);
  };
  scope.addEventListener('securitypolicyviolation', hear);
  return () => scope.removeEventListener('securitypolicyviolation', hear);
};

/** The source in the words of a policy. */
export const sentenceOfLack = ({ directive, source }: PolicyLack): string => `${directive} lacks ${source}`;

/** Scheme and host: `URL.origin` is "null" for schemes such as `ws:` in some browsers. */
const addressOf = ({ protocol, host }: URL): string => `${protocol}//${host}`;
