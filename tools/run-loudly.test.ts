import { execPath } from 'node:process';
import { expect, it, vi } from 'vitest';
import { runLoudly } from './run-loudly.mjs';

const here = { cwd: import.meta.dirname, minutes: 1 };

it('keeps the output it passes on, and the exit code', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const { code, output } = await runLoudly(execPath, ['-e', 'console.log("said"); process.exit(3)'], here);
  expect(write).toHaveBeenCalled();
  write.mockRestore();
  expect({ code, output }).toEqual({ code: 3, output: 'said\n' });
});

it('ends a program that does not end, with its children', async () => {
  const complaint = vi.spyOn(console, 'error').mockReturnValue(undefined);
  const script =
    'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => 0, 1e6)"], {stdio: "inherit"})';
  const { code } = await runLoudly(execPath, ['-e', script], { cwd: here.cwd, minutes: 0.01 });
  expect(complaint.mock.calls.join()).toMatch(/not finished/);
  complaint.mockRestore();
  expect(code).not.toBe(0);
});

it('reports a program that is not there as failed', async () => {
  const complaint = vi.spyOn(console, 'error').mockReturnValue(undefined);
  const { code } = await runLoudly('no-such-program-here', [], here);
  complaint.mockRestore();
  expect(code).toBe(127);
});
