/**
 * What `bench cluster` and its viewer hosts tell each other.
 */

/** To a host. */
export type ClusterOrder =
  /** `place` is the server process the viewer begins at. */
  { readonly kind: 'join'; readonly url: string; readonly place: number } | { readonly kind: 'report' };

/** One viewer. */
export interface ViewerReport {
  /** Undefined while it has not joined. */
  readonly name: string | undefined;
  readonly place: number;
  readonly missedDeadlines: number;
  readonly neighbours: readonly string[];
}

/** From a host. */
export type ClusterAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly viewers: readonly ViewerReport[] };
