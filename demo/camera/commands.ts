/**
 * The pad that moves the camera, and a console for everything else it understands.
 */
import type { CommandResult, Device } from 'shoal/device';
import { element } from '../panels.ts';

const ANSWERS_SHOWN = 50;

/** Makes pad and console work. */
export const wireCommands = (device: Device): void => {
  const log = element('log', HTMLOListElement);
  const note = (asked: string, { type, data, error, status }: CommandResult, ms: number): void => {
    const item = document.createElement('li');
    item.className = type;
    const answer = data === '' ? (error?.message ?? `status ${status}`) : data;
    item.textContent = `${asked} → ${type} in ${Math.round(ms)} ms: ${answer}`;
    log.prepend(item);
    while (log.children.length > ANSWERS_SHOWN) log.lastElementChild?.remove();
  };
  const timed = async (asked: string, ask: () => Promise<CommandResult>): Promise<CommandResult> => {
    const began = performance.now();
    const result = await ask();
    note(asked, result, performance.now() - began);
    return result;
  };
  for (const button of element('pad', HTMLElement).querySelectorAll<HTMLButtonElement>('button')) {
    button.addEventListener('click', async () => {
      const cmd = `ptz_${button.dataset.move}`;
      moved(await timed(cmd, () => device.command(cmd)));
    });
  }
  element('command', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const text = element('text', HTMLInputElement).value.trim();
    if (text === '') return;
    if (element('kind', HTMLSelectElement).value === 'user') {
      void timed(text, () => device.command(text));
      return;
    }
    const [cmd = '', query = ''] = text.split(/&(.*)/s);
    void timed(text, () => device.inner(cmd, Object.fromEntries(new URLSearchParams(query))));
  });
};

/** What a camera says of a move: where it looks, and whether it can go no further. */
const moved = ({ type, data, error }: CommandResult): void => {
  const words = element('moved', HTMLElement);
  if (type !== 'success') {
    words.textContent = error?.message ?? 'The camera cannot move.';
    return;
  }
  const { pan = 0, tilt = 0, apex } = readPlace(data);
  const dot = element('aim', HTMLElement).querySelector('i');
  if (dot !== null) dot.style.transform = `translate(${pan * 3}px, ${-tilt * 3}px)`;
  words.textContent = apex === 'yes' ? 'It can go no further.' : '';
};

interface Place {
  readonly pan?: number;
  readonly tilt?: number;
  readonly apex?: string;
}

/** Makers answer as they like: what is no place is only shown in the console. */
const readPlace = (data: string): Place => {
  try {
    return JSON.parse(data) as Place;
  } catch {
    return {};
  }
};
