/**
 * What kind of NAT a viewer sits behind, as far as a browser can tell. It cannot tell a full cone from a restricted one:
 * that takes a helper that answers from another address on request.
 */

/**
 * `unknown` not probed yet, or one server alone answered · `host-only` no STUN server is configured · `open` seen from
 * outside under its own address · `cone` one mapping whoever is spoken to · `symmetric` another mapping for everybody
 * spoken to · `blocked` no STUN server can be heard.
 */
export const NAT_KINDS = ['unknown', 'host-only', 'open', 'cone', 'symmetric', 'blocked'] as const;

/** See above. */
export type NatKind = (typeof NAT_KINDS)[number];

/** The kind that a value names, or undefined. */
export const asNatKind = (value: unknown): NatKind | undefined => NAT_KINDS.find((kind) => kind === value);
