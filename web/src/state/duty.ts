/** One's own duty, as the desk last said it. It must never guess: while nothing was said there is nothing. */
import { desk, type Duty } from '../protocol/http';
import { Store } from './store';

export const duty = new Store<Duty | null>(null);

/** Asks the desk; a failure leaves what was known, which no act rests upon. */
export async function readDuty(): Promise<void> {
  try {
    duty.set(await desk.duty());
  } catch {
    return;
  }
}
