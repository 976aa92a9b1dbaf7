import { expect, test, vi } from 'vitest';

test('a wait outlasts the second that Vitest would give it', async () => {
  const began = performance.now();
  const late = () => performance.now() - began;
  await Promise.all([
    vi.waitFor(() => expect(late()).toBeGreaterThan(1_100)),
    vi.waitUntil(() => late() > 1_100),
    expect.poll(late).toBeGreaterThan(1_100),
  ]);
});
