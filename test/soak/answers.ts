import type { BankId } from "../../sandbox/donor.ts";
import { RELEASES, type ReleaseNumber } from "../../sandbox/releases.ts";
import type { Timelines } from "./chaos.ts";
import type { BankSaid, Cell, Interval } from "./judge.ts";

const COUNT = "{ min max }";
const SAID = `status donors ${COUNT} samples ${COUNT} release { id } problem { code }
  facets { by cells { by { value } counts { donors ${COUNT} samples ${COUNT} } } }`;
export const SEARCH = `query Search($where: Where!, $facets: [FacetInput!], $snapshot: String, $notBefore: String, $deadlineMs: Int) {
  search(where: $where, facets: $facets, snapshot: $snapshot, notBefore: $notBefore, deadlineMs: $deadlineMs) {
    complete donors ${COUNT} samples ${COUNT} snapshot { token } banks { bank { id } ${SAID} }
  }
}`;
export const AVAILABILITY = `query Availability($id: ID!, $where: Where!, $facets: [FacetInput!]) {
  bank(id: $id) { availability(where: $where, facets: $facets) { bank { id } ${SAID} } }
}`;

export type BankShown = {
  readonly bank: { readonly id: BankId };
  readonly status: string;
  readonly donors: Interval;
  readonly samples: Interval;
  readonly release: { readonly id: string } | null;
  readonly problem: { readonly code: string } | null;
  readonly facets: readonly { readonly by: string; readonly cells: readonly Cell[] }[];
};
export type SearchShown = {
  readonly complete: boolean;
  readonly donors: Interval;
  readonly samples: Interval;
  readonly snapshot: { readonly token: string };
  readonly banks: readonly BankShown[];
};

/** A token of an earlier answer: of each bank the release, and the first of the bank's states that it may be of. */
export type Token = { readonly token: string; readonly banks: ReadonlyMap<BankId, Held> };
type Held = { readonly release: ReleaseNumber; readonly state: number };

/** When a question was sent and its answer read, and which token went with it. */
export type Asked = {
  readonly from: number;
  readonly to: number;
  readonly snapshot?: Token | undefined;
  readonly notBefore?: Token | undefined;
};

export const releaseOf = ({ bank, release }: BankShown): ReleaseNumber | null => {
  if (release === null) return null;
  const found = ([1, 2] as const).find((number) => release.id === `${bank.id}@${RELEASES[number].number}`);
  if (found === undefined) throw new Error(`${bank.id}: wanted a release of it, got ${release.id}`);
  return found;
};

/** What a bank said, for the judge. One that names no release speaks of those that were current. */
export const saidBy = (shown: BankShown, { from, to }: Asked, timelines: Timelines): BankSaid => {
  const release = releaseOf(shown);
  const { bank, donors, samples, facets } = shown;
  return {
    bank: bank.id,
    of: release === null ? timelines[bank.id].current(from, to) : [release],
    donors,
    samples,
    facets,
  };
};

export const tokenOf = ({ snapshot, banks }: SearchShown, { from, to }: Asked, timelines: Timelines): Token => ({
  token: snapshot.token,
  banks: new Map(
    banks.flatMap((shown): [BankId, Held][] => {
      const release = releaseOf(shown);
      const state = release === null ? null : timelines[shown.bank.id].earliest(release, from, to);
      return release === null || state === null ? [] : [[shown.bank.id, { release, state }]];
    }),
  ),
});

/** Which troubles explain a status; a bank may be slow to answer, or answer from memory, for any. */
const CAUSES: { readonly [status: string]: readonly string[] } = {
  BROKEN: ["garbage", "page", "cut", "wrong-counts"],
  REFUSED: ["refuses"],
  BUSY: ["busy", "too-many", "release"],
};
const SILENT = ["TIMED_OUT", "UNREACHABLE", "STALE", "BUSY"];

/** What is wrong with how a bank answered, but for its numbers; `uncaused` where it was silent and nothing was done to it. */
export const faultsOf = (
  shown: BankShown,
  asked: Asked,
  timelines: Timelines,
): { readonly wrong: readonly string[]; readonly uncaused: boolean } => {
  const { bank, status, problem } = shown;
  const { from, to, snapshot, notBefore } = asked;
  const of = timelines[bank.id];
  const release = releaseOf(shown);
  const troubles = of.troubles(from, to).map((kind) => kind.split("=")[0]!);
  const shownAs = `${bank.id}: ${status} ${problem?.code ?? ""} of release ${release}`;
  const during = `during ${of.troubles(from, to).join(", ") || "nothing"}`;
  const wrong: string[] = [];
  if ((problem === null) !== (status === "ANSWERED")) wrong.push(`${shownAs}: wanted a problem or ANSWERED`);
  if (status === "ANSWERED") {
    const current = of.current(from, to);
    if (release === null || !current.includes(release))
      wrong.push(`${shownAs}: wanted release ${current.join(" or ")}`);
    const pinned = snapshot?.banks.get(bank.id);
    if (pinned !== undefined && pinned.release !== release)
      wrong.push(`${shownAs}: wanted ${pinned.release}, as pinned`);
  }
  const floor = notBefore?.banks.get(bank.id);
  if (floor !== undefined && release !== null && !of.since(release, floor.state, to)) {
    wrong.push(`${shownAs}: wanted none before that of the token, release ${floor.release}`);
  }
  if (status === "SUPERSEDED" ? snapshot === undefined : !["ANSWERED", "BROKEN", "REFUSED", ...SILENT].includes(status))
    wrong.push(`${shownAs} ${during}`);
  const causes = CAUSES[status];
  const explained = causes?.some((cause) => troubles.includes(cause)) ?? true;
  if (!explained && !(status === "BUSY" && troubles.length === 0)) wrong.push(`${shownAs} ${during}`);
  return { wrong, uncaused: SILENT.includes(status) && troubles.length === 0 };
};

/** What is wrong with an answer's totals. */
export const totalsWrong = ({ complete, banks, ...totals }: SearchShown): readonly string[] => {
  const wrong: string[] = [];
  if (complete !== (banks.length > 0 && banks.every(({ status }) => status === "ANSWERED")))
    wrong.push(`complete: ${complete}, got ${banks.map(({ status }) => status)}`);
  for (const of of ["donors", "samples"] as const) {
    const min = banks.reduce((sum, bank) => sum + bank[of].min, 0);
    const max = banks.some((bank) => bank[of].max === null)
      ? null
      : banks.reduce((sum, bank) => sum + bank[of].max!, 0);
    const got = totals[of];
    if (got.min !== min || got.max !== max)
      wrong.push(`total ${of}: wanted ${min}..${max}, got ${got.min}..${got.max}`);
  }
  return wrong;
};
