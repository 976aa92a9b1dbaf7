import { expect, it } from 'vitest';
import { packageOf } from './notices.ts';

it('knows the package of a bundled file, nested and scoped ones too', () => {
  expect(packageOf('/x/node_modules/comlink/dist/esm/comlink.mjs')).toBe('comlink');
  expect(packageOf('/x/node_modules/a/node_modules/@s/b/index.js')).toBe('@s/b');
  expect(packageOf('/x/src/index.ts')).toBeUndefined();
});
