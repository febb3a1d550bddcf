import type { Release } from "../replies.ts";
import { type Language, releaseOf } from "./words.ts";

/** The line before publishing a release such as `bbj@2026.2`, which prints nothing else for as long as a lease. */
export const publishingLine = (release: string, language: Language): string =>
  ({
    en: `publishing ${release}. This takes as long as a lease, 5 seconds if not set otherwise.`,
    ja: `${release} を公開しています。リースの長さ（設定がなければ5秒）だけかかります。`,
  })[language];

/** The line after publishing: what holds now. */
export const publishedLine = (release: Release, language: Language): string => {
  const name = releaseOf(release);
  if (release.kind === "ANNOUNCED") {
    return {
      en: `Published ${name}: no gateway answers from an older release as fresh.`,
      ja: `${name} を公開しました。これより古いリリースを最新として返すゲートウェイはありません。`,
    }[language];
  }
  return {
    en: `Published ${name}. This bank is WATCHED: a gateway may answer from an older one for one more lease.`,
    ja: `${name} を公開しました。このバンクは WATCHED のため、あと1リースの間は古いリリースを返すことがあります。`,
  }[language];
};
