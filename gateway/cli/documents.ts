const COUNT = "{ min max because }";
const COUNTS = `donors ${COUNT} samples ${COUNT}`;
const TEXT = "{ en ja }";
const VALUE = `{ value label ${TEXT} }`;
const UNDERSTANDING = `understanding { criterion { path field says ${TEXT} } verdict local ${VALUE} says ${TEXT} }`;
const QUESTION = `question { id where says ${TEXT} criteria { path field says ${TEXT} } }`;
const BANK = `bank { id name ${TEXT} }`;
const RELEASE = "release { id date kind }";

/** The document of each command that asks a gateway. Each has a single root field, named like the command. */
export const DOCUMENTS = {
  search: `query Search(
  $where: Where!, $banks: [ID!], $facets: [FacetInput!], $deadlineMs: Int, $snapshot: String, $notBefore: String
) {
  search(
    where: $where, banks: $banks, facets: $facets, deadlineMs: $deadlineMs, snapshot: $snapshot, notBefore: $notBefore
  ) {
    id ${QUESTION} ${COUNTS} people ${COUNT}
    facets {
      by across level overlapping more unlisted { ${COUNTS} }
      cells { by ${VALUE} across ${VALUE} counts { ${COUNTS} } }
    }
    banks {
      id ${BANK} status ${COUNTS} ${UNDERSTANDING} ${RELEASE} staleSince tookMs
      problem { code message ${TEXT} remedy ${TEXT} retryAfterMs }
    }
    waiting complete snapshot { token }
  }
}`,
  reading: `query Reading($where: Where!, $banks: [ID!], $facets: [FacetInput!]) {
  reading(where: $where, banks: $banks, facets: $facets) { ${QUESTION} banks { ${BANK} known ${UNDERSTANDING} lostFacets } }
}`,
  concepts: `query Concepts($text: String, $under: Code, $first: Int) {
  concepts(text: $text, under: $under, first: $first) {
    code label ${TEXT} matched hasChildren banks { bank { id } verdict }
  }
}`,
  find: `query Find($text: String!, $first: Int) {
  find(text: $text, first: $first) { says ${TEXT} hits { ...Hit } nearest { ...Hit } }
}
fragment Hit on Hit { field value ${VALUE} match { name kind } banks { bank { id } verdict } }`,
  banks: `query Banks {
  banks { id name ${TEXT} adapter state size { donors samples } ${RELEASE} contact { email } access { requestUrl } }
}`,
  fields: `query Fields { fields { field label ${TEXT} values ${VALUE} } }`,
  publish: `mutation Publish($bank: ID!, $release: ReleaseInput!, $purge: Boolean!) {
  publish: publishRelease(bank: $bank, release: $release, purge: $purge) { id bank date kind }
}`,
} as const;

/** A command that asks a gateway. */
export type AskingName = keyof typeof DOCUMENTS;
