/** A destruction as a row of steps. It must never show a step as done that is not. */
import type { Destruction } from '../protocol/http';

export type Step = 'asked' | 'inquired' | 'held' | 'decided' | 'destroyed' | 'certified';
export interface Stepped {
  readonly step: Step;
  readonly at: number | null;
  readonly state: 'done' | 'now' | 'later' | 'refused';
}

/** The steps it goes through, each done when, waited for, or to come; a hold stands between while it lasts. */
export function steps(one: Destruction, now: number): readonly Stepped[] {
  const held = one.held_until !== null && one.held_until > now && one.decided_at === null;
  const found: { readonly step: Step; readonly at: number | null; readonly refused: boolean }[] = [{ step: 'asked', at: one.asked_at, refused: false }];
  if (one.inquiry) found.push({ step: 'inquired', at: one.confirmed_at, refused: one.confirmed === false });
  if (held) found.push({ step: 'held', at: null, refused: false });
  found.push({ step: 'decided', at: one.decided_at, refused: one.carried_out === false });
  if (one.carried_out !== false) found.push({ step: 'destroyed', at: one.destroyed_at, refused: false }, { step: 'certified', at: one.certified_at, refused: false });
  const first = found.findIndex((each) => each.at === null);
  return found.map((each, place) => ({
    step: each.step, at: each.at, state: each.refused ? 'refused' : each.at !== null ? 'done' : place === first ? 'now' : 'later',
  }));
}

/** What this account may answer of it: the inquiry, never of one's own asking, or for an agency with a part in its orders. */
export function answers(one: Destruction, me: { readonly account: string; readonly agency: string }): 'inquiry' | 'letting' | null {
  if (one.agency === me.agency) {
    return one.inquiry && one.confirmed === null && one.decided_at === null && one.asked_by !== me.account ? 'inquiry' : null;
  }
  return one.carried_out !== false && one.asked.some((each) => each.agency === me.agency && each.agreed !== true) ? 'letting' : null;
}

/** Whether somebody may have it carried out now. */
export function ready(one: Destruction, now: number): boolean {
  return one.decided_at === null && (!one.inquiry || one.confirmed === true) && (one.held_until === null || one.held_until <= now);
}
