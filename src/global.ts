/**
 * The script-tag form: the same exports as members of a global `Shoal`.
 */
export * from './index.ts';
