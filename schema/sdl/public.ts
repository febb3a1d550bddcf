import { VALUES } from "../vocabulary.ts";
import { enumOf } from "./enum-of.ts";
import { PUBLISH } from "./shared.ts";

/** Of search, as a query and as a subscription. */
const SEARCH_ARGUMENTS = /* GraphQL */ `    "Which donors and samples; {} is everybody."
    where: Where!
    "Ids of the banks to ask. Default: every bank that is LIVE. One of a bank that left is WITHDRAWN; one unknown, in TRIAL or PAUSED is an error."
    banks: [ID!]
    "Breakdowns wanted. Default: none."
    facets: [FacetInput!]
    "Token of an earlier answer: the banks in it answer from exactly those releases or are SUPERSEDED, and no others are asked."
    snapshot: String
    "Token of an earlier answer: no bank in it answers from an older release. Others answer from their current one."
    notBefore: String
    "Milliseconds to wait for banks; those that take longer are TIMED_OUT. Default and maximum: limits.deadlineMs."
    deadlineMs: Int
  )`;

const ENUMS = [
  enumOf("Sex", "Sex of a donor.", VALUES.SEX),
  enumOf("Cohort", "Why a donor was enrolled.", VALUES.COHORT),
  enumOf("Family", "Which relatives of a donor the same bank holds.", VALUES.FAMILY),
  enumOf("DataKind", "Data that exist of a donor.", VALUES.DATA),
  enumOf("DataUse", "What a donor's consent permits.", VALUES.USE),
  enumOf(
    "SampleType",
    "What a sample is made of. The list has no value for the rest, since that would change with every addition.",
    VALUES.SAMPLE_TYPE,
  ),
  enumOf("SampleOrigin", "Which part of the body's tissue a sample shows.", VALUES.SAMPLE_ORIGIN),
  enumOf("Storage", "How a sample is stored.", VALUES.STORAGE),
].join("\n");

/** What only the gateway serves. */
export const PUBLIC = /* GraphQL */ `
"What operators can do, with their token."
type Mutation {
${PUBLISH}
}
"Everything that can be asked of the federation."
type Query {
  "How many donors and samples match, at every bank and in all."
  search(
${SEARCH_ARGUMENTS}: Search!
  "How each bank would read the question, without counting anything."
  reading(
    "Which donors and samples."
    where: Where!
    "Breakdowns wanted. Default: none."
    facets: [FacetInput!]
    "Ids of the banks. Default: every bank that is LIVE."
    banks: [ID!]
  ): Reading!
  "Banks sorted by id."
  banks(
    "Only these; ids that nobody has are left out. Default: all."
    ids: [ID!]
  ): [Bank!]!
  "One bank; null where nobody has the id."
  bank(
    "Short name, such as bbj."
    id: ID!
  ): Bank
  "Diseases by name, synonym, number or code (text), by code (codes), or the next level down (under): exactly one of the three."
  concepts(
    "A name in English or Japanese, a notice number or a code; letter width, case and kana make no difference."
    text: String
    "Exactly these codes, in that order."
    codes: [Code!]
    "What lies directly below this code."
    under: Code
    "Concepts at most."
    first: Int! = 20
  ): [Concept!]!
  "Every field that can be asked, with its values."
  fields: [Field!]!
  "How large a question may be."
  limits: Limits!
}
"What can be followed while it happens, over Server-Sent Events."
type Subscription {
  "Search that tells each bank's answer as it arrives. It costs what the query costs, and ends when the asker leaves."
  search(
${SEARCH_ARGUMENTS}: SearchEvent!
}
"What has come since the last event. There are no more events than banks."
type SearchEvent {
  "Answers new since the last event; over all events each bank once. Their breakdowns list the rows of this event's totals."
  answers: [BankAnswer!]!
  "The search as it stands now: banks that have not answered yet are WAITING. Select banks on small federations only."
  search: Search!
  "Whether no more events come. It may be that complete is false all the same."
  last: Boolean!
}

"A code with its system: ICD10:E11, ICD10:E10-E14, ORPHA:803, NANBYO:2, ONCOTREE:LUAD, BBJ:33, PROGRAMME:CONTROL_GROUP."
scalar Code
"An instant in UTC, such as 2026-04-01T09:00:00Z."
scalar DateTime

"Conditions on a donor. Fields of one object hold together, values of one list are alternatives, an empty list is an error."
input Where {
  "All of these hold; two sample criteria may be met by two samples."
  all: [Where!]
  "At least one of these holds."
  any: [Where!]
  "This does not hold."
  not: Where
  "The donor has one of these diseases."
  disease: DiseaseCriterion
  "The donor's sex."
  sex: [Sex!]
  "Why the donor was enrolled."
  cohort: [Cohort!]
  "Relatives of the donor in the same bank."
  family: [Family!]
  "Programmes that the donor is part of, such as PROGRAMME:CONTROL_GROUP."
  programme: [Code!]
  "Data that exist of the donor."
  data: [DataKind!]
  "What the donor's consent permits."
  use: [DataUse!]
  "Ids of the centres where the donor was enrolled."
  centre: [ID!]
  "The donor has one sample that meets everything in here; {} is any sample."
  sample: SampleCriterion
}
"A diagnosis on record."
input DiseaseCriterion {
  "Codes of which one is enough; a range means its categories."
  codes: [Code!]!
  "Whether what lies below a code counts as well."
  descendants: Boolean! = true
}
"Conditions that one and the same sample meets."
input SampleCriterion {
  "What it is made of."
  type: [SampleType!]
  "Tumour or normal tissue."
  origin: [SampleOrigin!]
  "The donor's age when it was taken, in completed years."
  ageAtCollection: IntRange
  "Calendar year in which it was taken."
  collectedYear: IntRange
  "How it is stored."
  storage: [Storage!]
}
"A range of whole numbers with both ends included; at least one is given."
input IntRange {
  "Lowest number. Default: open."
  from: Int
  "Highest number. Default: open."
  to: Int
}
"A breakdown of the counts by one field, or by two at once."
input FacetInput {
  "The field of the rows."
  by: Facet!
  "The field of the columns. Two sample fields speak of the same sample. Default: no columns."
  across: Facet
  "For DISEASE: codes of this level. Default: what lies directly below the code in under, or the chapters."
  level: DiseaseLevel
  "For DISEASE: only codes below this one. Default: all."
  under: Code
  "Only these values, each listed even where its counts are withheld. Default: every value."
  values: [String!]
  "Rows at most; the rest is bounded by unlisted."
  first: Int! = 20
}
"A level of ICD-10."
enum DiseaseLevel {
  "Chapters, such as E00-E90."
  CHAPTER
  "The outermost blocks of the chapters, such as E10-E14, and categories that are in none."
  BLOCK
  "Three-character categories, such as E11."
  CATEGORY
}
${ENUMS}
"An interval that holds the true number, speaking of the releases that were asked."
type Count {
  "The true number is not smaller."
  min: Int!
  "The true number is not larger; null where nothing bounds it."
  max: Int
  "Whether min and max are the same."
  exact: Boolean!
  "Why the interval is wide; empty when exact."
  because: [Uncertainty!]!
}
"A reason why a count is not exact."
enum Uncertainty {
  "The bank withholds small counts."
  SMALL_COUNT
  "The bank rounds its counts."
  ROUNDED
  "The bank adds noise to its counts."
  PERTURBED
  "A bank cannot be asked one of the criteria."
  CRITERION_UNSUPPORTED
  "A bank's own codes cover more than was asked."
  CODE_BROADER
  "A bank holds records whose meaning is not known."
  CODE_NARROWER
  "A value is missing for some donors or samples."
  NOT_RECORDED
  "A bank cannot tell whether one and the same sample meets several conditions."
  SAME_SAMPLE
  "A bank's local API cannot combine the conditions."
  LOGIC_LIMIT
  "A bank cannot count this at all."
  NOT_COUNTED
  "A bank's local API rounds or cuts its own counts."
  LOCAL_ROUNDING
  "A bank has not answered yet."
  BANK_WAITING
  "A bank did not answer."
  BANK_SILENT
  "Nobody knows who is enrolled at two banks; only in counts of people."
  OVERLAP
}
"Counts of one cell, bank or search."
type CellCounts {
  "Donors that match."
  donors: Count!
  "Their samples that match."
  samples: Count!
}

"The answer of the federation: totals, and what each bank said."
type Search {
  "Made from the question and the banks asked."
  id: ID!
  "The question as it was understood."
  question: Question!
  "Enrolments: somebody enrolled at two banks counts twice."
  donors: Count!
  "Different persons: at least as many as the bank with the most must have, at most the sum over all banks."
  people: Count!
  "Samples of those donors that meet a sample criterion, or all of them where there is none."
  samples: Count!
  "Breakdowns over all banks, in the order asked."
  facets: [FacetTable!]!
  "One entry for every bank asked, sorted by id; under @stream as they arrive."
  banks: [BankAnswer!]!
  "Banks that have not answered yet."
  waiting: Int!
  "Whether every bank asked has answered from its current release, and no bank of the federation is unknown yet."
  complete: Boolean!
  "Which release of each bank the numbers come from."
  snapshot: Snapshot!
}
"Names one release of each bank that answered."
type Snapshot {
  "For the arguments snapshot and notBefore of another search. Together with the question's id it is the receipt of an answer."
  token: String!
}
"A question in its one canonical form."
type Question {
  "The same for every spelling of the same question; made from where and facets."
  id: ID!
  "Canonical form of where; good as the where of another search."
  where: JSON!
  "The question as one sentence."
  says: Text!
  "The criteria one by one."
  criteria: [Criterion!]!
}
"One condition of a question."
type Criterion {
  "Its place in Question.where, such as all[1].sample.type."
  path: String!
  "The field it speaks of."
  field: Facet!
  "The condition in words."
  says: Text!
}
"What one bank said."
type BankAnswer {
  "Made from the search and the bank."
  id: ID!
  "The bank."
  bank: Bank!
  "Whether and how it answered."
  status: AnswerStatus!
  "Donors that match; of a bank that is silent, 0 to its size."
  donors: Count!
  "Their samples that match."
  samples: Count!
  "Breakdowns at this bank, in the order asked. Which rows they list follows from all banks together, so that under @stream and @defer they are the last to come, unless the facets name their values."
  facets: [FacetTable!]!
  "How the bank read each criterion; empty where it did not answer."
  understanding: [Understanding!]!
  "The release that the numbers come from; null where none came."
  release: Release
  "When STALE: since when the bank is out of reach. The numbers are those of the release named."
  staleSince: DateTime
  "Milliseconds that the bank took, in steps of 50."
  tookMs: Int!
  "What went wrong; null exactly when WAITING or ANSWERED."
  problem: Problem
}
"Whether and how a bank answered."
enum AnswerStatus {
  "Not yet."
  WAITING
  "From its current release."
  ANSWERED
  "From memory, since the bank is out of reach."
  STALE
  "Not in time."
  TIMED_OUT
  "The bank could not be reached."
  UNREACHABLE
  "The bank had too much to do."
  BUSY
  "The bank, or its budget for the asker, refused."
  REFUSED
  "What came made no sense."
  BROKEN
  "The release asked for is no longer served."
  SUPERSEDED
  "The bank left the federation."
  WITHDRAWN
}
"What went wrong at a bank."
type Problem {
  "Which kind."
  code: ProblemCode!
  "What happened."
  message: Text!
  "What to do about it."
  remedy: Text!
  "Milliseconds after which asking again makes sense; null: not known, or no use."
  retryAfterMs: Int
}
"Kinds of problems."
enum ProblemCode {
  "No connection to the bank."
  BANK_UNREACHABLE
  "No answer in time."
  BANK_TIMEOUT
  "The bank had too much to do, or changed its release meanwhile."
  BANK_BUSY
  "The bank refused the gateway."
  BANK_REFUSED
  "The bank cannot count this."
  BANK_UNSUPPORTED
  "The bank's answer contradicts itself or its contract."
  BANK_BROKEN
  "The asker's budget of questions to this bank is used up."
  BUDGET_SPENT
  "The asker may not ask questions of this shape."
  SHAPE_NOT_ALLOWED
  "The release asked for is no longer served."
  RELEASE_SUPERSEDED
  "The bank left the federation."
  BANK_WITHDRAWN
}
"A breakdown of counts."
type FacetTable {
  "The field of the rows."
  by: Facet!
  "The field of the columns; null: no columns."
  across: Facet
  "Level of the codes, for DISEASE by level."
  level: DiseaseLevel
  "Whether one donor may stand in several cells, so that they do not add up."
  overlapping: Boolean!
  "The cells, row by row, the largest rows first."
  cells: [FacetCell!]!
  "What any one value that is not listed may hold."
  unlisted: CellCounts!
  "Whether there are values that are not listed."
  more: Boolean!
}
"One cell of a breakdown."
type FacetCell {
  "Its row."
  by: Value!
  "Its column; null: no columns."
  across: Value
  "Its counts."
  counts: CellCounts!
}
"How a bank read one criterion, or would read it."
type Understanding {
  "The criterion."
  criterion: Criterion!
  "How well the bank's data can say it."
  verdict: Verdict!
  "The bank's own values that were used."
  local: [Value!]!
  "What was done, and what to ask instead where that is better."
  says: Text!
}
"How the banks would read a question."
type Reading {
  "The question as it was understood."
  question: Question!
  "One entry for every bank, sorted by id."
  banks: [BankReading!]!
}
"How one bank would read a question."
type BankReading {
  "The bank."
  bank: Bank!
  "False: the bank has not said yet what it records; understanding is empty and nothing follows from that."
  known: Boolean!
  "How it reads each criterion."
  understanding: [Understanding!]!
  "Facets asked for that this bank cannot break down by."
  lostFacets: [Facet!]!
}
extend type Bank {
  "What this bank says to a question, as in search."
  availability(
    "Which donors and samples."
    where: Where!
    "Breakdowns wanted. Default: none."
    facets: [FacetInput!]
  ): BankAnswer!
}
"A field that can be asked."
type Field {
  "Its name in facets."
  field: Facet!
  "What people call it."
  label: Text!
  "Its values: fixed ones, or those that banks declare; the chapters for DISEASE; empty for numbers."
  values: [Value!]!
}
"A disease that can be asked for."
type Concept {
  "Its code."
  code: Code!
  "What people call it."
  label: Text!
  "The name, number or code that the text met; null where none was given."
  matched: String
  "Whether there is something below it."
  hasChildren: Boolean!
  "Whether its system has given it up; records may still hold it."
  withdrawn: Boolean!
  "Codes of other systems that refer to it or that it refers to."
  related: [Relation!]!
  "How each bank records it, sorted by id; a bank that cannot say it in time is left out."
  banks: [ConceptSupport!]!
}
"A code of another system."
type Relation {
  "The other code."
  code: Code!
  "What people call it."
  label: Text!
  "EXACT: it means the same; BROADER or NARROWER: it covers more, or less."
  verdict: Verdict!
}
"How one bank records a disease."
type ConceptSupport {
  "The bank."
  bank: Bank!
  "How well its data can say it."
  verdict: Verdict!
}
"How large a question may be."
type Limits {
  "Criteria at most."
  criteria: Int!
  "Levels of nesting at most."
  depth: Int!
  "Values of one criterion at most."
  codes: Int!
  "Facets at most."
  facets: Int!
  "Rows of one facet at most."
  first: Int!
  "Milliseconds that a search waits for banks, by default and at most."
  deadlineMs: Int!
}
`;
