import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold, foldLines } from "../../schema/codes/fold.ts";

describe("texts are folded before they are compared", () => {
  test.each([
    ["ＩｇＡ腎症", "iga腎症"],
    ["ﾊﾟｰｷﾝｿﾝ病", "ぱーきんそん病"],
    ["  lung \t cancer ", "lung cancer"],
    ["lung\ncancer\n", "lung cancer"],
    ["、アルツハイマー・病，", "あるつはいまー 病"],
    ["47,XYY syndrome", "47 xyy syndrome"],
    ["\u3000糖尿病\u3000\u30002型\u3000", "糖尿病 2型"],
    ["・ ・", ""],
    ["", ""],
  ])("%j is %j", (text, folded) => expect(fold(text)).toBe(folded));

  test("many lines at once are each line by itself", () => {
    const line = fc.string({ unit: fc.constantFrom(..."aＡÅΣσ1 \t　・,，、アｱﾊﾟ病".split("")), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        expect(foldLines(lines.join("\n")).split("\n")).toEqual(lines.map(fold));
      }),
      { seed: 11, numRuns: 2000 },
    );
  });
});
