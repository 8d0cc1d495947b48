/** The one list of colours, by day and by night. It must never hold a colour that means two things. */
export interface Tokens {
  readonly page: string;
  readonly panel: string;
  readonly raised: string;
  readonly line: string;
  readonly ink: string;
  readonly dim: string;
  readonly focus: string;
  readonly watch: string;
  readonly notice: string;
  readonly danger: string;
  readonly breach: string;
  readonly unknown: string;
  readonly onWatch: string;
  readonly onNotice: string;
  readonly onDanger: string;
  readonly onBreach: string;
  readonly onUnknown: string;
  readonly victim: string;
  readonly offender: string;
  readonly police: string;
  readonly probation: string;
  readonly onSide: string;
  readonly policeBand: string;
  readonly probationBand: string;
  readonly onBand: string;
  readonly land: string;
  readonly sea: string;
  readonly border: string;
  readonly place: string;
}

export const DAY: Tokens = {
  page: '#d9dce0', panel: '#e6e8eb', raised: '#f3f4f6', line: '#8e959e', ink: '#15181c', dim: '#434a53', focus: '#0b3d91',
  watch: '#1b5fae', notice: '#f0c419', danger: '#e07b16', breach: '#b80f2c', unknown: '#6b3fa0',
  onWatch: '#ffffff', onNotice: '#15181c', onDanger: '#15181c', onBreach: '#ffffff', onUnknown: '#ffffff',
  victim: '#00665e', offender: '#5b2333', police: '#1f3a68', probation: '#4a4427', onSide: '#ffffff', policeBand: '#1f3a68', probationBand: '#4a4427', onBand: '#ffffff',
  land: '#e9ebed', sea: '#cfd5da', border: '#a9b0b8', place: '#3f464e',
};

export const NIGHT: Tokens = {
  page: '#26292e', panel: '#2f3338', raised: '#3a3f46', line: '#7b838d', ink: '#e9ebee', dim: '#bcc3cb', focus: '#9cc2ff',
  watch: '#8cbcf7', notice: '#f2cf4a', danger: '#f39a3d', breach: '#ff7b86', unknown: '#c5a3f2',
  onWatch: '#15181c', onNotice: '#15181c', onDanger: '#15181c', onBreach: '#15181c', onUnknown: '#15181c',
  victim: '#6fd6c9', offender: '#f0b4bf', police: '#a9c4f5', probation: '#d9cf9a', onSide: '#15181c', policeBand: '#2c4573', probationBand: '#595130', onBand: '#ffffff',
  land: '#33373d', sea: '#282b30', border: '#565d66', place: '#b3bac2',
};

/** As CSS variables, `--j-page` and so on. */
export function variables(tokens: Tokens): Record<string, string> {
  return Object.fromEntries(Object.entries(tokens).map(([name, value]) => [`--j-${name}`, value as string]));
}

/** The states of a pair, the gravest first, each with the token that colours it and the shape that says it without. */
export const STATES = {
  CONTACT: { tone: 'breach', shape: 'contact' },
  BREACH: { tone: 'breach', shape: 'octagon' },
  UNKNOWN: { tone: 'unknown', shape: 'question' },
  DANGER: { tone: 'danger', shape: 'diamond' },
  NOTICE: { tone: 'notice', shape: 'triangle' },
  WATCH: { tone: 'watch', shape: 'half' },
  STALE: { tone: 'none', shape: 'clock' },
  UNMONITORED: { tone: 'none', shape: 'struck' },
  HOLD: { tone: 'none', shape: 'pause' },
  SUSPENDED: { tone: 'none', shape: 'pause' },
  SAFE: { tone: 'none', shape: 'ring' },
} as const;

export type StateName = keyof typeof STATES;

export function isState(name: string | null | undefined): name is StateName {
  return name !== null && name !== undefined && name in STATES;
}

/** The token that colours a priority; only what is abnormal has colour. */
export function toneOf(priority: number): 'breach' | 'danger' | 'notice' | 'none' {
  return priority <= 0 ? 'breach' : priority === 1 ? 'danger' : priority === 2 ? 'notice' : 'none';
}
