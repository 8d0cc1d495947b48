/** Which steps each state offers, and where. Pure; it must never offer a step the desk would refuse, nor put one that ends an
 * order where one that goes on with it has been: a thumb presses where it pressed before. */
import type { TaskingState } from '../../protocol/frames';

/** What goes on with an order; each has one place for good. */
export type Step = 'accepted' | 'en_route' | 'on_scene';
/** What ends it on this phone: never among those places, and never without being asked once more. */
export type Leaving = 'rejected' | 'cleared';

export const PLACES: readonly (readonly Step[])[] = [['accepted', 'en_route'], ['on_scene']];

const STEPS: Partial<Record<TaskingState, readonly Step[]>> = {
  tasked: ['accepted'],
  accepted: ['en_route', 'on_scene'],
  en_route: ['on_scene'],
};
const LEAVING: Partial<Record<TaskingState, Leaving>> = {
  tasked: 'rejected', accepted: 'rejected', en_route: 'rejected', on_scene: 'cleared',
};
const DONE: Partial<Record<TaskingState, readonly Step[]>> = { en_route: ['en_route'], on_scene: ['en_route', 'on_scene'] };

export interface Place {
  readonly step: Step;
  readonly open: boolean;
}

/** What stands in each place: the step that can be taken there, or the one that was; null for nothing. */
export function placesOf(state: TaskingState): readonly (Place | null)[] {
  return PLACES.map((place) => {
    const step = place.find((one) => STEPS[state]?.includes(one));
    const done = place.find((one) => DONE[state]?.includes(one));
    return step ? { step, open: true } : done ? { step: done, open: false } : null;
  });
}

export function leavingOf(state: TaskingState): Leaving | null {
  return LEAVING[state] ?? null;
}
