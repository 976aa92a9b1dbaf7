import { expect, it } from 'vitest';
import { loadSettings, saveSettings } from './settings.ts';

// Node has no IndexedDB, like a browser that stores nothing.
it('lasts as long as the page where nothing can be stored', async () => {
  const first = await loadSettings();
  expect(first.installation).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  await saveSettings({ sharing: 'off' });
  expect(await loadSettings()).toEqual({ ...first, sharing: 'off' });
});
