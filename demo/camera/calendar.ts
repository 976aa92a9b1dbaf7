/**
 * The calendar of days with recordings, as the camera's `get_month_record` tells them: bit 0 is the first day.
 */
import type { Device } from 'shoal/device';
import { element } from '../panels.ts';

const WEEK = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];

/** Fills the calendar; `chosen` hears of each day that is picked. */
export class Calendar {
  readonly #device: Device;
  readonly #chosen: (day: Date) => void;
  #month = firstOf(new Date());
  #day: Date | undefined;

  constructor(device: Device, chosen: (day: Date) => void) {
    this.#device = device;
    this.#chosen = chosen;
    element('month-before', HTMLButtonElement).addEventListener('click', () => void this.#turn(-1));
    element('month-after', HTMLButtonElement).addEventListener('click', () => void this.#turn(1));
  }

  /** Shows the month, and the newest day of it that has something. */
  async show(): Promise<void> {
    const days = await this.#recorded();
    const newest = days.at(-1);
    if (newest !== undefined) this.#pick(new Date(this.#month.getFullYear(), this.#month.getMonth(), newest));
    this.#draw(days);
  }

  async #turn(by: number): Promise<void> {
    this.#month = new Date(this.#month.getFullYear(), this.#month.getMonth() + by, 1);
    this.#draw(await this.#recorded());
  }

  async #recorded(): Promise<readonly number[]> {
    const time = `${this.#month.getFullYear()}${String(this.#month.getMonth() + 1).padStart(2, '0')}`;
    const { type, data } = await this.#device.inner('get_month_record', { time });
    if (type !== 'success') return [];
    const mask = Number((JSON.parse(data) as { readonly video_list: string }).video_list);
    return Array.from({ length: 31 }, (_, at) => at + 1).filter((day) => (mask & (1 << (day - 1))) !== 0);
  }

  #pick(day: Date): void {
    this.#day = day;
    this.#chosen(day);
  }

  #draw(recorded: readonly number[]): void {
    const [year, month] = [this.#month.getFullYear(), this.#month.getMonth()];
    element('month', HTMLElement).textContent = this.#month.toLocaleDateString(undefined, {
      month: 'long',
      year: 'numeric',
    });
    const names = WEEK.map((name) => Object.assign(document.createElement('span'), { textContent: name }));
    const gaps = Array.from({ length: (this.#month.getDay() + 6) % 7 }, () => document.createElement('span'));
    const count = new Date(year, month + 1, 0).getDate();
    const days = Array.from({ length: count }, (_, at) => {
      const day = new Date(year, month, at + 1);
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = String(at + 1);
      button.classList.toggle('has', recorded.includes(at + 1));
      button.disabled = !recorded.includes(at + 1);
      button.setAttribute('aria-selected', String(day.getTime() === this.#day?.getTime()));
      button.addEventListener('click', () => {
        this.#pick(day);
        this.#draw(recorded);
      });
      return button;
    });
    element('calendar', HTMLElement).replaceChildren(...names, ...gaps, ...days);
  }
}

const firstOf = (day: Date): Date => new Date(day.getFullYear(), day.getMonth(), 1);
