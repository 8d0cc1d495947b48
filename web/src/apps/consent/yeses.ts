/** What a yes lets whom know now. It must never show as shared what its time has passed or she took back. */
import type { Agency, Yes } from '../../protocol/http';

export type State = 'given' | 'narrowed' | 'paused' | 'withdrawn' | 'over';

export function stateOf(yes: Yes, now: number): State {
  if (yes.state === 'withdrawn') return 'withdrawn';
  if (yes.ends_at <= now) return 'over';
  return yes.state as State;
}

/** Whether anything can still be changed about it. */
export function open(yes: Yes, now: number): boolean {
  return stateOf(yes, now) !== 'withdrawn' && stateOf(yes, now) !== 'over';
}

/** What is left when one class is ticked off; null where nothing would be left, which is taking it back. */
export function without(data: readonly string[], one: string): readonly string[] | null {
  const left = data.filter((each) => each !== one);
  return left.length === 0 ? null : left;
}

/** What is new of a person, what was left empty left out; telephone numbers one a line. */
export function renewed(label: string, identifier: string, telephones: string): { label?: string; identifier?: string; telephones?: readonly string[] } {
  const numbers = telephones.split('\n').map((one) => one.trim()).filter((one) => one !== '');
  return {
    ...(label.trim() === '' ? {} : { label: label.trim() }),
    ...(identifier.trim() === '' ? {} : { identifier: identifier.trim() }),
    ...(numbers.length === 0 ? {} : { telephones: numbers }),
  };
}

export function nameOf(agencies: readonly Agency[], id: string): string {
  return agencies.find((one) => one.id === id)?.name ?? `…${id.slice(-8)}`;
}
