/** An officer's tie: the live line, and what was pressed while it was down. It must never write any of it to storage. */
import { desk } from '../protocol/http';
import type { TaskingState } from '../protocol/frames';
import { type Field, IDLE, pressed, recovered, reduce, type Task } from './field';
import { Link } from './link';
import { Outbox } from './outbox';
import { deskNow, localNow } from './time';

const AGAIN_MS = 1500;
/** An order older than this when it is first seen may have been answered before this page was opened. */
const NEWS_S = 5;

export class FieldLink extends Link<Field> {
  readonly outbox = new Outbox();
  private timer: number | null = null;

  constructor() {
    super(IDLE, (field, frames) => frames.reduce(reduce, field));
    this.value.subscribe(() => this.turned());
  }

  override open(): void {
    super.open();
    this.timer = window.setInterval(() => void this.outbox.flush(), AGAIN_MS);
  }

  override close(): void {
    if (this.timer !== null) window.clearInterval(this.timer);
    super.close();
  }

  /** Report the next state: shown at once, sent when it can be. */
  report(state: TaskingState, label: string, reason: string | null = null): void {
    const task = this.value.get().task;
    if (!task) return;
    const { tasking } = task.body;
    this.outbox.refused.set(null);
    this.value.update((field) => pressed(field, state, deskNow(this.clock.get(), localNow())));
    this.outbox.add(label, tasking, () => desk.answer(tasking, state, reason));
  }

  help(label: string): void {
    const task = this.value.get().task;
    if (task) this.outbox.add(label, task.body.tasking, () => desk.help(task.body.tasking));
  }

  private known: string | null = null;

  /** Another order, or none: what waited for the one that ended is forgotten, an old one's step is asked for. */
  private turned(): void {
    const { task, ended } = this.value.get();
    const before = this.known;
    this.known = task?.body.tasking ?? null;
    if (before === this.known) return;
    if (before !== null && ended?.why === 'closed') this.outbox.forget(before);
    if (task && deskNow(this.clock.get(), localNow()) - task.at > NEWS_S) this.recover(task);
  }

  private recover({ incident, body }: Task): void {
    if (incident === null) return;
    desk.incident(incident).then((whole) => {
      const held = whole.taskings.find((one) => one.id === body.tasking);
      if (held) this.value.update((field) => recovered(field, body.tasking, held.state as TaskingState));
    }, () => undefined);  // Without it the desk refuses what was said already, and that is shown.
  }
}
