/**
 * Sends one document so many times at once, to the URLs in turn, and prints each answer that came with how often it did. A
 * process of its own, so that the load does not slow down the gateways.
 */
const [given = ""] = process.argv.slice(2);
const { urls, body, count } = JSON.parse(given) as { urls: string[]; body: object; count: number };
const answers = new Map<string, number>();
await Promise.all(
  Array.from({ length: count }, async (_, n) => {
    const response = await fetch(urls[n % urls.length]!, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    answers.set(text, (answers.get(text) ?? 0) + 1);
  }),
);
process.stdout.write(JSON.stringify([...answers]));

export {};
