/** What the officer pressed while the desk was out of reach: in memory alone, in order, until it is heard or refused. */
import { Refusal } from '../protocol/http';
import { Store } from './store';

export interface Queued {
  readonly id: number;
  readonly label: string;
  readonly tasking: string;
  readonly run: () => Promise<unknown>;
}

export class Outbox {
  readonly waiting = new Store<readonly Queued[]>([]);
  /** What the desk would not take, as the officer's button called it. */
  readonly refused = new Store<string | null>(null);
  private next = 1;
  private busy = false;

  /** Queue and try at once. */
  add(label: string, tasking: string, run: () => Promise<unknown>): void {
    this.waiting.update((all) => [...all, { id: this.next++, label, tasking, run }]);
    void this.flush();
  }

  /** Send what waits, oldest first; stops at the first that does not reach the desk. */
  async flush(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let first = this.waiting.get()[0]; first; first = this.waiting.get()[0]) {
        const { id, label, run } = first;
        try {
          await run();
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          if (error.status === 0 || error.status >= 500) return;
          this.refused.set(label);
        }
        this.waiting.update((all) => all.filter((one) => one.id !== id));
      }
    } finally {
      this.busy = false;
    }
  }

  /** Forget everything that waits for a tasking that has ended. */
  forget(tasking: string): void {
    this.waiting.update((all) => all.filter((one) => one.tasking !== tasking));
  }
}
