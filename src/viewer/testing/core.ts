/**
 * The built byte core, for every test of this room.
 */
import { readFileSync } from 'node:fs';
import { ByteCore } from '../../../wasm/abi.ts';

export const core = await ByteCore.load(readFileSync(new URL('../../../wasm/dist/shoal.wasm', import.meta.url)));
