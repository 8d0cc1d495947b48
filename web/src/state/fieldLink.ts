/** An officer's tie: the live line, and what was pressed while it was down. It must never write any of it to storage. */
import { desk } from '../protocol/http';
import type { TaskingState } from '../protocol/frames';
import { type Field, IDLE, pressed, reduce } from './field';
import { Link } from './link';
import { Outbox } from './outbox';
import { localNow } from './time';

const AGAIN_MS = 1500;

export class FieldLink extends Link<Field> {
  readonly outbox = new Outbox();
  private timer: number | null = null;

  constructor() {
    super(IDLE, (field, frames) => frames.reduce(reduce, field));
    this.value.subscribe(() => this.forgetEnded());
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
    this.value.update((field) => pressed(field, state, localNow()));
    this.outbox.add(label, tasking, () => desk.answer(tasking, state, reason));
  }

  help(label: string): void {
    const task = this.value.get().task;
    if (task) this.outbox.add(label, task.body.tasking, () => desk.help(task.body.tasking));
  }

  private known: string | null = null;

  private forgetEnded(): void {
    const { task, ended } = this.value.get();
    if (this.known !== null && task?.body.tasking !== this.known && ended?.why === 'closed') this.outbox.forget(this.known);
    this.known = task?.body.tasking ?? null;
  }
}
