import { FIELD_NAMES, FIELDS } from "../fields.ts";
import { enumOf } from "./enum-of.ts";

const FACET = enumOf(
  "Facet",
  "A field that a question can name and a facet can break down by.",
  Object.fromEntries(FIELD_NAMES.map((field) => [field, FIELDS[field].label])),
);

/** What a bank's operator can do, at the gateway and at the bank. */
export const PUBLISH = /* GraphQL */ `  "Makes the release that the local API holds current. Returns when no gateway answers from an older one as fresh. Repeating it is harmless."
  publishRelease(
    "Id of the bank."
    bank: ID!
    "What the local API must hold by now."
    release: ReleaseInput!
    "Consent withdrawn or faulty data: what was answered from older releases is never shown again."
    purge: Boolean! = false
  ): Release!`;

/** What a bank is, and the small types that both contracts use. */
export const SHARED = /* GraphQL */ `"Names a release."
input ReleaseInput {
  "Its number, such as 2026.2: the local API tells the same one."
  number: String!
  "Its day."
  date: Date!
  "Upper bounds that the bank warrants from this release on. Default: those in force."
  size: SizeInput
}
"Upper bounds that a bank warrants."
input SizeInput {
  "Donors. Default: the bound in force."
  donors: Int
  "Samples. Default: the bound in force."
  samples: Int
}

"A calendar day, such as 2026-04-01."
scalar Date
"Any JSON value."
scalar JSON

"A text in both languages of the federation."
type Text {
  "In English."
  en: String!
  "In Japanese."
  ja: String!
  "The language that has no text of its own, so that the other one stands in; null where both have."
  missing: Language
}
"The languages of the federation."
enum Language {
  "English."
  EN
  "Japanese."
  JA
}
"One value of a field, with its name."
type Value {
  "An enum name, a code such as ICD10:E11, an id of a centre, a band such as 40-49, or NOT_RECORDED: the bank holds no value."
  value: String!
  "What people call it."
  label: Text!
}
"How well a bank's own data can say what was asked."
enum Verdict {
  "Exactly what was asked."
  EXACT
  "The bank's own words cover more than was asked; the interval reaches down as far as that leaves open."
  BROADER
  "Only records without a known meaning make a difference."
  NARROWER
  "The value is missing for some donors or samples."
  PARTLY_RECORDED
  "The bank records no such thing, and that makes an exact 0."
  NOT_COLLECTED
  "The bank cannot be asked this; everything and nothing is possible."
  UNSUPPORTED
}
${FACET}
"An organisation that keeps samples and answers questions about them."
type Bank {
  "Short name in lower case, such as bbj."
  id: ID!
  "Full name."
  name: Text!
  "What the bank holds, in a few sentences."
  description: Text
  "The bank's own site."
  url: String
  "Whom to write to."
  contact: Contact!
  "How to get at samples and data."
  access: Access!
  "Upper bounds that the bank warrants."
  size: Size!
  "Places where the bank collects; empty where it has no more than one."
  centres: [Centre!]!
  "Kind of adapter that speaks to the bank, such as fhir."
  adapter: String!
  "Whether the bank takes part."
  state: BankState!
  "What the bank can be asked."
  capabilities: Capabilities!
  "What the bank does to its numbers before they leave it."
  disclosure: Disclosure!
  "The release that the bank serves now; null while that is not known."
  release: Release
}
"Whether a bank takes part in the federation."
enum BankState {
  "Trying whether it can join; no question asks it."
  TRIAL
  "Asked by every question that names no banks."
  LIVE
  "Not asked for the time being."
  PAUSED
  "Left the federation."
  WITHDRAWN
}
"Whom to write to at a bank."
type Contact {
  "Person or office."
  name: Text!
  "E-mail address."
  email: String!
}
"How to get at a bank's samples and data."
type Access {
  "Page on which to apply."
  requestUrl: String
  "Who may apply; empty where the bank does not say."
  eligible: [Requester!]!
  "Conditions in plain words."
  terms: Text
  "Licence or agreement that applies."
  licence: String
}
"Who asks for samples or data."
enum Requester {
  "A university or public institute in Japan."
  JP_ACADEMIA
  "A company in Japan."
  JP_COMPANY
  "A university or public institute outside Japan."
  OVERSEAS_ACADEMIA
  "A company outside Japan."
  OVERSEAS_COMPANY
}
"Upper bounds that a bank warrants until it publishes higher ones; they bound what it may hold while it is silent."
type Size {
  "Donors at most; null: not warranted."
  donors: Int
  "Samples at most; null: not warranted."
  samples: Int
  "Donors that one person can be there, at most."
  enrolmentsPerPerson: Int!
}
"A place where a bank collects."
type Centre {
  "Bank and centre, such as ncbn/ncgg."
  id: ID!
  "Full name."
  name: Text!
}
"A numbered, dated edition of a bank's data, mapping and policy."
type Release {
  "Bank and number, such as bbj@2026.1."
  id: ID!
  "Id of the bank."
  bank: ID!
  "Day of the edition."
  date: Date!
  "How the federation learns of a new one."
  kind: ReleaseKind!
}
"How the federation learns of a bank's new release."
enum ReleaseKind {
  "The bank announces it; nothing older is served afterwards."
  ANNOUNCED
  "The bank changes without a word; an answer may be older by one lease at most."
  WATCHED
}
"What a bank can be asked."
type Capabilities {
  "What it can count."
  counts: [Unit!]!
  "Whether it can ask several conditions of one and the same sample."
  sameSample: Boolean!
  "One entry for every field."
  fields: [FieldSupport!]!
}
"What is counted."
enum Unit {
  "People as enrolled at one bank."
  DONORS
  "Tubes and blocks."
  SAMPLES
}
"How a bank supports one field."
type FieldSupport {
  "The field."
  field: Facet!
  "The best that a question by this field can expect."
  verdict: Verdict!
  "Whether the bank can break counts down by it."
  facet: Boolean!
  "Code systems that the bank's values are mapped to; null where the field has no codes."
  systems: [String!]
  "Values that the bank can say; empty where they are too many to list, or numbers."
  values: [ValueSupport!]!
}
"How a bank supports one value of a field."
type ValueSupport {
  "The value."
  value: Value!
  "How well the bank can say it."
  verdict: Verdict!
}
"What a bank does to its numbers before they leave it."
type Disclosure {
  "Counts below it are withheld; null: none is."
  threshold: Int
  "Whether a count of 0 is shown as 0."
  zeroShown: Boolean!
  "A shown number n of donors stands for n - spread to n + spread; 0: shown as it is."
  spread: Int!
  "The policy in plain words."
  says: Text!
}
`;
