/**
 * How the element looks: one sheet for all elements of a page, made when the first one is.
 *
 * A constructed sheet is what a policy without 'unsafe-inline' allows. What a page may want to change is a custom
 * property or a part.
 */

let sheet: CSSStyleSheet | undefined;

/** The sheet. */
export const styleSheet = (): CSSStyleSheet => {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(HOST + PICTURE + CONTROLS + CARD + ADAPTING);
  }
  return sheet;
};

const HOST = `
:host {
  --accent: var(--shoal-accent, #2dd4bf);
  --ground: var(--shoal-ground, #0b1116);
  --card: var(--shoal-card, rgb(252 253 254 / 94%));
  --ink: var(--shoal-ink, #17222c);
  --quiet: var(--shoal-quiet, #566573);
  position: relative;
  display: block;
  overflow: hidden;
  aspect-ratio: 16 / 9;
  border-radius: var(--shoal-radius, 12px);
  background: var(--ground);
  color: #fff;
  font: 14px/1.45 system-ui, sans-serif;
  -webkit-tap-highlight-color: transparent;
}
@media (prefers-color-scheme: dark) {
  :host {
    --card: var(--shoal-card, rgb(22 30 38 / 94%));
    --ink: var(--shoal-ink, #e8eef3);
    --quiet: var(--shoal-quiet, #9aa9b7);
  }
}
:host([hidden]), [hidden] { display: none !important; }
:host(:fullscreen) { border-radius: 0; }
* { box-sizing: border-box; }
`;

const PICTURE = `
.stage, video, img { position: absolute; inset: 0; width: 100%; height: 100%; }
video, img { object-fit: var(--shoal-fit, contain); }
.stage { container-type: size; }
.stage[data-rest=true] { cursor: none; }
.spinner {
  position: absolute; inset: 0; margin: auto; width: 40px; height: 40px; border-radius: 50%; visibility: hidden;
  border: 3px solid rgb(255 255 255 / 22%); border-top-color: #fff; opacity: 0;
}
[data-state=starting] .spinner, [data-state=stalled] .spinner {
  visibility: visible; animation: turn 1s linear infinite, appear .3s .35s forwards;
}
.stage[data-panel=true] .spinner, .stage[data-blocked=true] .spinner { visibility: hidden; }
@keyframes turn { to { rotate: 1turn; } }
@keyframes appear { to { opacity: 1; } }
.notice {
  position: absolute; inset: 12px 12px auto; width: fit-content; max-width: calc(100% - 24px); margin: 0 auto;
  padding: 7px 14px; border-radius: 18px; background: rgb(8 13 18 / 72%); backdrop-filter: blur(10px);
  text-align: center; opacity: 0; animation: appear .4s 1.2s forwards;
}
.status { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
`;

const CONTROLS = `
button { font: inherit; cursor: pointer; }
.button {
  display: grid; flex: none; place-items: center; width: 40px; height: 40px; padding: 0; border: 0; border-radius: 10px;
  background: none; color: inherit; transition: background-color .15s;
}
.button:hover { background: rgb(255 255 255 / 16%); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { width: 24px; height: 24px; fill: none; stroke: currentcolor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.play .off, .big-play .off { fill: currentcolor; }
.play .on { stroke-width: 3.2; }
button[data-mode=on] .off, button:not([data-mode=on]) .on { display: none; }
.captions[aria-pressed=true], .why[aria-expanded=true] { box-shadow: inset 0 -2px var(--accent); border-radius: 10px 10px 4px 4px; }
.controls {
  position: absolute; inset: auto 0 0; display: flex; align-items: center; gap: 2px; padding: 36px 8px 6px;
  background: linear-gradient(transparent, rgb(6 10 14 / 78%)); transition: opacity .25s;
}
[data-rest=true] .controls:not(:focus-within:has(:focus-visible)) { opacity: 0; pointer-events: none; }
.space { flex: 1; }
.volume {
  width: 76px; height: 20px; margin: 0 8px 0 2px; background: none; cursor: pointer; appearance: none;
  --track: linear-gradient(#fff, #fff) 0 / var(--level, 100%) 100% no-repeat, rgb(255 255 255 / 32%);
}
.volume::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: var(--track); }
.volume::-moz-range-track { height: 4px; border-radius: 2px; background: var(--track); }
.volume::-webkit-slider-thumb { width: 12px; height: 12px; margin-top: -4px; border-radius: 50%; background: #fff; appearance: none; }
.volume::-moz-range-thumb { width: 12px; height: 12px; border: 0; border-radius: 50%; background: #fff; }
.live {
  display: inline-flex; align-items: center; gap: 6px; margin-left: 4px; font-size: 12px; font-weight: 600;
  letter-spacing: .05em; text-transform: uppercase; opacity: .62;
}
.live::before { width: 7px; height: 7px; border-radius: 50%; background: currentcolor; content: ""; }
[data-state=playing] .live { opacity: 1; }
[data-state=playing] .live::before { background: var(--accent); }
.big-play {
  position: absolute; inset: 0; width: 72px; height: 72px; margin: auto; border-radius: 50%;
  background: rgb(8 13 18 / 58%); box-shadow: inset 0 0 0 1px rgb(255 255 255 / 22%); backdrop-filter: blur(10px);
  transition: scale .15s, background-color .15s;
}
.big-play:hover { background: rgb(8 13 18 / 78%); scale: 1.04; }
.big-play svg { width: 36px; height: 36px; translate: 1px 0; }
.unmute {
  position: absolute; inset: 14px auto auto 14px; display: inline-flex; align-items: center; gap: 8px; width: auto;
  padding: 0 16px 0 11px; border-radius: 20px; background: rgb(255 255 255 / 94%); color: #10181f; font-weight: 600;
  box-shadow: 0 2px 12px rgb(0 0 0 / 25%);
}
.unmute:hover { background: #fff; }
.unmute svg { width: 20px; height: 20px; }
`;

const CARD = `
.card {
  position: absolute; inset: 0; display: grid; padding: 14px; overflow: auto; background: rgb(6 10 14 / 55%);
  backdrop-filter: blur(14px); color: var(--ink); animation: fade .2s;
}
@keyframes fade { from { opacity: 0; } }
.body {
  position: relative; width: min(100%, 440px); max-height: 100%; margin: auto; padding: 20px 22px; overflow: auto; border-radius: 14px; background: var(--card);
  box-shadow: 0 8px 30px rgb(0 0 0 / 28%);
}
h2 { margin: 0 26px 6px 0; font-size: 17px; line-height: 1.3; letter-spacing: -.01em; text-wrap: balance; }
.card p { margin: 0; text-wrap: pretty; }
ul { display: grid; gap: 6px; margin: 10px 0 0; padding: 0; list-style: none; color: var(--quiet); }
li { padding-left: 14px; text-indent: -14px; }
li::before { display: inline-block; width: 5px; height: 5px; margin-right: 9px; border-radius: 50%; background: var(--accent); vertical-align: 3px; content: ""; }
ul:empty { display: none; }
.foot { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; margin-top: 16px; }
.foot:not(:has(> :not([hidden]))) { display: none; }
.retry { min-height: 38px; padding: 0 18px; border: 0; border-radius: 19px; background: var(--ink); color: #fff; font-weight: 600; }
@media (prefers-color-scheme: dark) { .retry { color: #10181f; } }
.retry:hover { opacity: .88; }
code { color: var(--quiet); font: 12px/1.4 ui-monospace, monospace; }
.close { position: absolute; inset: 8px 8px auto auto; color: var(--quiet); }
.close:hover { background: rgb(128 140 150 / 18%); }
.card[data-kind=why] { inset: auto 12px 60px auto; display: block; width: min(340px, calc(100% - 24px)); padding: 0; background: none; backdrop-filter: none; }
.card[data-kind=why] .body { width: 100%; max-height: calc(100cqh - 76px); padding: 16px 18px; }
.card[data-kind=why] h2 { font-size: 15px; }
`;

const ADAPTING = `
@container (max-width: 420px) {
  .volume, .pip { display: none; }
  .body { padding: 12px 14px; border-radius: 10px; }
  h2 { margin-bottom: 4px; font-size: 14px; }
  .card { padding: 8px; font-size: 12.5px; line-height: 1.35; }
  .foot { margin-top: 8px; }
  .retry { min-height: 30px; padding: 0 14px; }
  .big-play { width: 56px; height: 56px; }
}
@container (max-width: 260px) {
  .live, .why { display: none; }
  .unmute { inset: 8px auto auto 8px; }
}
@container (max-height: 240px) {
  .card:not([data-kind=why]) :is(ul, code) { display: none; }
}
@container (max-height: 150px) {
  .card p { display: none; }
  .card .body { margin: auto; }
}
@media (prefers-reduced-motion: reduce) {
  .spinner, .notice, .card { animation-duration: 0s, 0s; }
  [data-state=starting] .spinner, [data-state=stalled] .spinner { animation: appear 0s .35s forwards; border-style: dotted; }
  * { transition: none !important; }
}
@media (forced-colors: active) {
  .button, .retry, .body { border: 1px solid ButtonText; }
}
`;
