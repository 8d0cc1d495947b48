/** Asking the desk over HTTP. It must never swallow a refusal, nor keep a token: the session is an HttpOnly cookie. */
import type { paths } from './schema';

type Body<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  responses: { 200: { content: { 'application/json': infer B } } };
}
  ? B
  : never;

export type Site = Body<'/api/site', 'get'>;
export type Me = Body<'/api/me', 'get'>;
export type Ended = Body<'/api/access/ended', 'get'>;
export type Overview = Body<'/api/overview', 'get'>;
export type Sight = Overview['incidents'][number];
export type Whole = Body<'/api/incidents/{incident}', 'get'>;
/** A message of a feed as the record holds it. */
export type Told = Body<'/api/notices', 'get'>[number];
/** A person's file, and why it may be seen. */
export type File = Body<'/api/registry/people/{person}', 'get'>;
export type Grant = Body<'/api/access/grants', 'get'>['grants'][number];
export type Looks = Body<'/api/access/register', 'get'>;
export type Look = Looks['looks'][number];
export type Unusual = Body<'/api/access/unusual', 'get'>['unusual'][number];
export type Statement = Body<'/api/access/policies', 'get'>['policies'][number];
export type People = Body<'/api/registry/people', 'get'>['people'];
export type Agency = Body<'/api/access/agencies', 'get'>['agencies'][number];
export type Names = Body<'/api/access/names', 'post'>;
/** What of a file changed, and how far each agency that was to be told of it is. */
export type GuardedPlace = Body<'/api/registry/people/{protected}/places', 'get'>['places'][number];
export type PersonChange = Body<'/api/registry/people/{person}/changes', 'get'>['changes'][number];
/** Whom a statement calls by one of its names. */
export type Named = Body<'/api/access/pseudonyms', 'post'>;
export type Words = Body<'/api/consents/words', 'get'>;
export type Yes = Body<'/api/consents', 'get'>['consents'][number];
export type Withdrawals = Body<'/api/monitoring/withdrawals', 'get'>;
export type Withdrawal = Withdrawals['withdrawals'][number];
export type HerLook = Body<'/api/access/looks', 'post'>['looks'][number];
export type Agreements = Body<'/api/agreements', 'get'>;
export type Agreement = Agreements['agreements'][number];
export type Destructions = Body<'/api/destructions', 'get'>;
export type Destruction = Destructions['destructions'][number];
export type Ledger = Body<'/api/ledger', 'get'>;
export type Verification = Body<'/api/ledger/verification', 'post'>;
/** What one side's privacy officer proposes to share; times as text. */
export interface Proposal {
  readonly other: string;
  readonly subject: string;
  readonly data: readonly string[];
  readonly purpose: string;
  readonly article: string;
  readonly until: string;
  readonly reason: string;
}
export type Choices = Body<'/api/choices', 'get'>;
export type Duty = Body<'/api/duty/me', 'get'>;
export type Roster = Body<'/api/duty', 'get'>;
export type Shift = Roster['shifts'][number];
export type Staff = Roster['staff'][number];
export type Handovers = Body<'/api/duty/hand-overs', 'get'>;
export type Handover = Handovers['waiting'][number];
export type Open = Handovers['own'][number];
export interface PlannedShift {
  readonly account: string;
  readonly from: string;
  readonly until: string;
  readonly station: string | null;
  readonly lead: boolean;
}

/** A refusal with the sentence that says what to do; status 0: the desk could not be reached. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly advice: string;

  constructor(status: number, code: string, detail: string, advice: string) {
    super(detail);
    this.status = status;
    this.code = code;
    this.advice = advice;
  }
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refusal(0, 'unreachable', '', '');
  }
  const text = await answer.text();
  const said: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null;
  if (answer.ok) return said;
  const problem = (said ?? {}) as { code?: string; detail?: string; advice?: string };
  throw new Refusal(answer.status, problem.code ?? 'failed', problem.detail ?? '', problem.advice ?? '');
}

export const desk = {
  site: () => ask('GET', '/api/site') as Promise<Site>,
  me: () => ask('GET', '/api/me') as Promise<Me>,
  ended: (since: number | null) => ask('GET', since === null ? '/api/access/ended' : `/api/access/ended?since=${since}`) as Promise<Ended>,
  doors: (code: string) => ask('GET', code ? `/api/doors?code=${encodeURIComponent(code)}` : '/api/doors'),
  morning: (code: string) => ask('POST', code ? `/api/doors/morning?code=${encodeURIComponent(code)}` : '/api/doors/morning'),
  signIn: (name: string, password: string) => ask('POST', '/api/sessions', { name, password }),
  signOut: () => ask('DELETE', '/api/sessions/current'),
  overview: () => ask('GET', '/api/overview') as Promise<Overview>,
  notices: () => ask('GET', '/api/notices') as Promise<Told[]>,
  choices: () => ask('GET', '/api/choices') as Promise<Choices>,
  incident: (id: string) => ask('GET', `/api/incidents/${id}`) as Promise<Whole>,
  take: (id: string) => ask('POST', `/api/incidents/${id}/take`),
  log: (id: string, text: string) => ask('POST', `/api/incidents/${id}/log`, { text }),
  close: (id: string, said: { cause: string; response: string; outcome: string }) =>
    ask('POST', `/api/incidents/${id}/close`, said),
  answer: (tasking: string, state: string, reason: string | null) =>
    ask('POST', `/api/taskings/${tasking}/answer`, reason === null ? { state } : { state, reason }),
  help: (tasking: string) => ask('POST', `/api/taskings/${tasking}/help`),
  position: (unit: string, where: { lon: number; lat: number; sigma_m: number; at: string }) =>
    ask('PUT', `/api/units/${unit}/position`, where),
  person: (id: string) => ask('GET', `/api/registry/people/${id}`) as Promise<File>,
  places: (person: string) => ask('GET', `/api/registry/people/${person}/places`).then((said) => (said as { readonly places: readonly GuardedPlace[] }).places),
  movePlace: (person: string, place: string, there: { lat: number; lon: number; radius_m?: number }) =>
    ask('POST', `/api/registry/people/${person}/places/${place}`, there),
  changes: (person: string) => ask('GET', `/api/registry/people/${person}/changes`).then((said) => (said as { readonly changes: readonly PersonChange[] }).changes),
  changePerson: (person: string, said: Readonly<Record<string, unknown>>) =>
    ask('POST', `/api/registry/people/${person}`, said).then((done) => (done as { readonly changed: readonly string[] }).changed),
  glass: (subject: string, reason: string) =>
    ask('POST', '/api/registry/people/glass', { subject, reason }) as Promise<{ readonly grant: string; readonly until: string }>,
  grants: () => ask('GET', '/api/access/grants') as Promise<{ readonly grants: readonly Grant[] }>,
  endGrant: (id: string) => ask('POST', `/api/access/grants/${id}/end`),
  judge: (id: string, upheld: boolean) => ask('POST', `/api/access/grants/${id}/judgement`, { upheld }),
  register: (of: Readonly<Record<string, string>>) => ask('GET', `/api/access/register?${new URLSearchParams(of).toString()}`) as Promise<Looks>,
  unusual: () => ask('GET', '/api/access/unusual') as Promise<{ readonly unusual: readonly Unusual[] }>,
  policies: () => ask('GET', '/api/access/policies') as Promise<{ readonly policies: readonly Statement[] }>,
  duty: () => ask('GET', '/api/duty/me') as Promise<Duty>,
  roster: () => ask('GET', '/api/duty') as Promise<Roster>,
  handovers: () => ask('GET', '/api/duty/hand-overs') as Promise<Handovers>,
  planShift: (shift: PlannedShift) => ask('POST', '/api/duty/shifts', { shifts: [shift] }),
  withdrawShift: (id: string) => ask('POST', `/api/duty/shifts/${id}/withdraw`),
  beginShift: (id: string) => ask('POST', `/api/duty/shifts/${id}/begin`),
  endShift: (id: string) => ask('POST', `/api/duty/shifts/${id}/end`),
  handOver: (shift: string, incidents: readonly string[], taskings: readonly string[], note: string) =>
    ask('POST', '/api/duty/hand-overs', { shift, incidents, taskings, note }),
  stay: (id: string) => ask('POST', `/api/duty/hand-overs/${id}/withdraw`),
  takeOver: (id: string) => ask('POST', `/api/duty/hand-overs/${id}/take`) as Promise<{ readonly count: number; readonly off_duty: boolean }>,
  qualify: (account: string, kind: string, from: string, until: string) =>
    ask('POST', '/api/duty/qualifications', { account, kind, from, until }),
  unqualify: (id: string) => ask('POST', `/api/duty/qualifications/${id}/end`),
  endAccount: (account: string) => ask('POST', `/api/accounts/${account}/end`),
  subject: (account: string, subject: string | null) => ask('PUT', `/api/accounts/${account}/subject`, { subject }),
  people: () => ask('GET', '/api/registry/people').then((said) => (said as { readonly people: People }).people),
  agencies: () => ask('GET', '/api/access/agencies').then((said) => (said as { readonly agencies: readonly Agency[] }).agencies),
  names: (accounts: readonly string[], people: readonly string[]) => ask('POST', '/api/access/names', { accounts, people }) as Promise<Names>,
  pseudonym: (statement: string, pseudonym: string) => ask('POST', '/api/access/pseudonyms', { statement, pseudonym }) as Promise<Named>,
  words: () => ask('GET', '/api/consents/words') as Promise<Words>,
  consents: (person: string | null) =>
    ask('GET', person === null ? '/api/consents' : `/api/consents?person=${person}`).then((said) => (said as { readonly consents: readonly Yes[] }).consents),
  consent: (said: { person: string; recipient: string; data: readonly string[]; until: string; language: string }) => ask('POST', '/api/consents', said),
  changeConsent: (id: string, said: { version: number; state: string; data?: readonly string[] }) => ask('POST', `/api/consents/${id}`, said),
  safeWords: (person: string, word: string, duress: string) => ask('PUT', '/api/monitoring/safe-words', { person, word, duress }),
  withdrawals: () => ask('GET', '/api/monitoring/withdrawals') as Promise<Withdrawals>,
  withdraw: (person: string) => ask('POST', '/api/monitoring/withdrawals', { person }) as Promise<{ readonly id: string; readonly at_once: boolean }>,
  called: (id: string, word: string | null) => ask('POST', `/api/monitoring/withdrawals/${id}/answer`, { word }),
  herLooks: (person: string) => ask('POST', '/api/access/looks', { person }).then((said) => (said as { readonly looks: readonly HerLook[] }).looks),
  agreements: () => ask('GET', '/api/agreements') as Promise<Agreements>,
  propose: (said: Proposal) => ask('POST', '/api/agreements', said),
  agree: (id: string) => ask('POST', `/api/agreements/${id}/yes`),
  endAgreement: (id: string) => ask('POST', `/api/agreements/${id}/end`),
  destructions: () => ask('GET', '/api/destructions') as Promise<Destructions>,
  askDestruction: (person: string, event: string) => ask('POST', '/api/destructions', { person, event }),
  answerInquiry: (id: string, confirmed: boolean) => ask('POST', `/api/destructions/${id}/inquiry`, { confirmed }),
  holdDestruction: (id: string, article: string | null, until: string | null) => ask('POST', `/api/destructions/${id}/hold`, { article, until }),
  decideDestruction: (id: string, carried_out: boolean) => ask('POST', `/api/destructions/${id}/decision`, { carried_out }),
  ledger: () => ask('GET', '/api/ledger') as Promise<Ledger>,
  verifyLedger: (checkpoint: string | null, witnesses: readonly string[]) =>
    ask('POST', '/api/ledger/verification', { checkpoint, witnesses }) as Promise<Verification>,
  status: (unit: string, status: 'available' | 'busy' | 'off') => ask('PUT', `/api/units/${unit}/status`, { status }),
};
