let page: Promise<string> | undefined;

/** GraphiQL as one page that loads nothing from anywhere, so that it works offline. Its nine megabytes are read when first asked for. */
export const graphiqlPage = (): Promise<string> => {
  page ??= import("@graphql-yoga/render-graphiql").then(({ renderGraphiQL }) =>
    String(renderGraphiQL({ title: "Odan", defaultQuery: DEFAULT_QUERY })),
  );
  return page;
};

const DEFAULT_QUERY = `# Women with type 2 diabetes who gave plasma
{
  search(where: { disease: { codes: ["ICD10:E11"] }, sex: [FEMALE], sample: { type: [PLASMA] } }) {
    question { says { en ja } }
    donors { min max because }
    samples { min max because }
    banks { bank { id name { en ja } } status donors { min max because } }
    complete
  }
}
`;
