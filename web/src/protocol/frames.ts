/** What the live line says, as types and one reader. It must never let through a frame of a shape nobody knows. */
export interface Position {
  readonly subject: string;
  readonly t: number;
  readonly lon: number;
  readonly lat: number;
  readonly sigma_m: number;
  readonly age_s: number;
  readonly speed_mps: number | null;
  readonly course_deg: number | null;
}

export type LastKnown = Omit<Position, 'subject'>;
export type Toward = 'victim' | 'offender' | 'place';
export type TaskingState = 'tasked' | 'accepted' | 'en_route' | 'on_scene' | 'cleared' | 'rejected' | 'superseded';

export interface OrderCard {
  readonly id: string;
  readonly regime: string;
  readonly article: string;
  readonly arrestable: boolean | null;
}

export interface TaskingBody {
  readonly tasking: string;
  readonly alert: string;
  readonly code: string;
  readonly code_112: number | null;
  readonly name_ko: string;
  readonly name_en: string;
  readonly toward: Toward;
  readonly instruction: { readonly ko: string; readonly en: string };
  readonly offender_id: string | null;
  readonly victim_id: string | null;
  readonly offender: LastKnown | null;
  readonly victim: LastKnown | null;
  readonly place: string | null;
  /** In which band he may be of her, for whoever goes to him. */
  readonly within_m?: number | null;
  readonly possible_not_proof: boolean;
  readonly order: OrderCard;
  readonly decided_at: number;
  readonly accept_by: number;
  /** The 112 code before and now, where the same tasking comes again because it has become worse. */
  readonly raised?: { readonly from: number | null; readonly to: number };
}

export interface AlertBody {
  readonly alert: string;
  readonly code: string;
  readonly code_112: number | null;
  readonly priority: number;
  readonly name_ko: string;
  readonly name_en: string;
  readonly grade: string;
  readonly possible_not_proof: boolean;
  readonly state: string;
  readonly offender_id: string | null;
  readonly victim_id: string | null;
  readonly distance_m: number | null;
  readonly sigma_m: number | null;
  readonly time_to_contact_s: number | null;
  readonly at: number;
  readonly decided_at: number;
  /** Why, as detection says it: the rule and its numbers. */
  readonly reason: Readonly<Record<string, unknown>>;
  readonly order: OrderCard | null;
  readonly shortfalls: readonly { readonly kind: string; readonly reason: string }[];
}

export interface StateBody {
  readonly tasking: string;
  readonly unit: string;
  readonly callsign: string;
  readonly state: TaskingState;
  readonly reason: string | null;
  /** Whose officer wrote it; not to the officer. */
  readonly agency?: string;
  readonly at: number;
}

export interface PageBody {
  readonly why: string;
  readonly at: number;
  readonly unit?: string;
  readonly callsign?: string;
  readonly kind?: string;
  readonly code?: string;
  /** Whose person an order names, where two agencies' files met. */
  readonly agency?: string;
  /** Who did what to whose file, and of which agency. */
  readonly name?: string;
  readonly what?: unknown;
  readonly by?: string;
}

export interface LogBody {
  readonly entry: string;
  readonly agency: string;
  /** Null for a line the other room wrote. */
  readonly name: string | null;
  /** Null where whoever reads may not know any more where those it is about are. */
  readonly text: string | null;
  readonly at: number;
}

interface Numbered {
  readonly type: 'message';
  readonly feed: string;
  readonly seq: number | null;
  readonly at: number;
  readonly recorded: boolean;
  readonly incident: string | null;
}

export type Message = Numbered &
  (
    | { readonly kind: 'tasking'; readonly body: TaskingBody }
    | { readonly kind: 'alert'; readonly body: AlertBody }
    | { readonly kind: 'tasking_state'; readonly body: StateBody }
    | { readonly kind: 'page'; readonly body: PageBody }
    | { readonly kind: 'log_entry'; readonly body: LogBody }
    | { readonly kind: 'incident_taken'; readonly body: { readonly by: string; readonly agency: string; readonly at: number } }
    | { readonly kind: 'incident_closed'; readonly body: { readonly incident: string; readonly at: number } }
    /** A number of one's own case: that it was said, and nothing of it. */
    | { readonly kind: 'withheld'; readonly body: Readonly<Record<string, never>> }
  );

export interface Welcome {
  readonly type: 'welcome';
  readonly seq: number;
  readonly after: number;
  readonly at: number;
  readonly open: readonly Message[];
}

export interface PairFrame {
  readonly type: 'pair';
  readonly incident: string;
  readonly at: number;
  readonly distance_m: number | null;
  readonly sigma_m: number | null;
  readonly closing_mps: number | null;
  readonly trend: 'closing' | 'steady' | 'opening' | null;
  readonly time_to_contact_s: number | null;
  readonly assumed: boolean;
  readonly offender_age_s: number | null;
  readonly victim_age_s: number | null;
}

export interface UnitSight {
  readonly unit: string;
  readonly kind: 'police' | 'probation';
  readonly callsign: string;
  readonly status: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly age_s: number | null;
  readonly incident: string | null;
  readonly toward: Toward | null;
  readonly state: TaskingState | null;
  readonly distance_m: number | null;
  readonly eta_s: number | null;
}

export interface TargetFrame {
  readonly type: 'target';
  readonly incident: string;
  readonly positions: readonly Position[];
}

export interface Beat {
  readonly type: 'beat';
  readonly at: number;
  readonly facts_age_s: number | null;
  /** Seconds by role, for whichever of our own roles does not get on. */
  readonly behind?: Readonly<Record<string, number>>;
}

export interface UnitsFrame {
  readonly type: 'units';
  readonly at: number;
  readonly units: readonly UnitSight[];
}

/** What this terminal may know no longer: it forgets it with this very frame. */
export interface Withheld {
  readonly type: 'withheld';
  readonly at: number;
  /** Whose file is to be read anew, if it is open. */
  readonly subjects: readonly string[];
  /** Who is not to be shown any more. */
  readonly positions: readonly string[];
  /** Incidents that are none of theirs any more. */
  readonly incidents: readonly string[];
  /** Whatever is open is to be read anew. */
  readonly anew: boolean;
}

export type Frame = Welcome | Message | TargetFrame | PairFrame | UnitsFrame | Beat | Withheld;

const TYPES: ReadonlySet<string> = new Set(['welcome', 'message', 'target', 'pair', 'units', 'beat', 'withheld']);

/** The frame in `text`; null for what is none, which is passed over: an older screen must survive a newer desk. */
export function read(text: string): Frame | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof said !== 'object' || said === null || !('type' in said) || typeof said.type !== 'string') return null;
  return TYPES.has(said.type) ? (said as Frame) : null;
}
