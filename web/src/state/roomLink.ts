/** A room's tie: the live line, and the queue read anew whenever the record has changed. */
import { desk, Refusal } from '../protocol/http';
import { Link } from './link';
import { earlier, EMPTY, gathered, read, type Room } from './room';
import { Store } from './store';

export type Reading = 'loading' | 'ready' | 'failed';

const GATHER_MS = 150;
const AGAIN_MS = 2000;

export class RoomLink extends Link<Room> {
  readonly reading = new Store<Reading>('loading');
  private seen = 0;
  private toldBefore: number | null = null;
  private timer: number | null = null;
  private unsubscribe: (() => void) | null = null;

  constructor() {
    super(EMPTY, gathered);
  }

  override open(): void {
    this.unsubscribe = this.value.subscribe(() => {
      if (this.value.get().stale !== this.seen) this.refresh(GATHER_MS);
    });
    super.open();
  }

  override close(): void {
    this.unsubscribe?.();
    if (this.timer !== null) window.clearTimeout(this.timer);
    super.close();
  }

  /** Read the queue soon; several wishes are one. */
  refresh(afterMs = 0): void {
    if (this.timer !== null) return;
    this.timer = window.setTimeout(() => {
      this.timer = null;
      void this.fetch();
    }, afterMs);
  }

  private async fetch(): Promise<void> {
    this.seen = this.value.get().stale;
    try {
      const overview = await desk.overview();
      this.value.update((room) => read(room, overview));
      this.reading.set('ready');
      this.before();
    } catch (error) {
      // Who is refused what was shown has it no longer.
      if (error instanceof Refusal && (error.status === 401 || error.status === 403)) this.forget();
      this.reading.set('failed');
      this.refresh(AGAIN_MS);
    }
  }

  /** What the room was told before this page was opened: once, and again when something was withheld. */
  private before(): void {
    const turn = this.value.get().forgotten.all;
    if (this.toldBefore === turn) return;
    this.toldBefore = turn;
    desk.notices().then(
      (told) => this.value.update((room) => (room.forgotten.all === turn ? earlier(room, told) : room)),
      // Asked again with the next reading of the queue.
      () => (this.toldBefore = null),
    );
  }
}
