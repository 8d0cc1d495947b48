/** A terminal's tie to the desk: the live line, its clock and a value that each frame changes. It must never outlive its
 * page, nor keep anything after it is cut loose. */
import type { Frame } from '../protocol/frames';
import { LiveLine, type LineState, lineUrl } from '../protocol/live';
import { Store } from './store';
import { type DeskClock, heard, localNow, UNSET } from './time';

/** What moves is gathered this long and drawn at once, with its clock: fifty pairs must not draw a screen a hundred times a
 * second. */
const GATHER_MS = 200;

export class Link<S> {
  readonly value: Store<S>;
  readonly clock = new Store<DeskClock>(UNSET);
  readonly line = new Store<LineState>('connecting');
  private readonly live: LiveLine;
  private gathered: Frame[] = [];
  private told: DeskClock = UNSET;
  private gathering: number | null = null;

  constructor(
    private readonly empty: S,
    private readonly reduce: (value: S, frames: readonly Frame[]) => S,
    url: string = lineUrl(),
  ) {
    this.value = new Store(empty);
    this.live = new LiveLine(url, { frame: (frame) => this.hear(frame), state: (state) => this.turn(state) });
  }

  open(): void {
    this.live.open();
  }

  close(): void {
    this.live.close();
    this.forget();
  }

  /** Everything that was said, what waits to be drawn too. */
  protected forget(): void {
    if (this.gathering !== null) window.clearTimeout(this.gathering);
    this.gathering = null;
    this.gathered = [];
    this.value.set(this.empty);
  }

  /** Whoever is shut out keeps nothing of what was said before. */
  private turn(state: LineState): void {
    if (state === 'signed-out' || state === 'forbidden') this.forget();
    this.line.set(state);
  }

  private hear(frame: Frame): void {
    const local = localNow();
    // Beats and welcomes are said now; a message may be told again long after it was first said.
    if (frame.type === 'beat' || frame.type === 'welcome') this.told = heard(frame.at, local, this.told);
    else if (this.told.heard !== null) this.told = { ...this.told, heard: local };
    this.gathered.push(frame);
    if (frame.type === 'welcome' || frame.type === 'message' || frame.type === 'withheld') this.apply();
    else this.gathering ??= window.setTimeout(() => this.apply(), GATHER_MS);
  }

  /** In the order they came: what closes an incident closes it after what was said of it before. */
  private apply(): void {
    if (this.gathering !== null) window.clearTimeout(this.gathering);
    this.gathering = null;
    const frames = this.gathered;
    this.gathered = [];
    this.clock.set(this.told);
    this.value.update((value) => this.reduce(value, frames));
  }
}
