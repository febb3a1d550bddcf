import { describe, expect, test } from "vitest";
import { dayOf } from "../../adapters/tabular/days.ts";
import { ageReading, tubesIn } from "../../adapters/tabular/numbers.ts";
import type { TimeOptions } from "../../adapters/tabular/options.ts";
import { timeReading } from "../../adapters/tabular/times.ts";

type Said = Omit<Exclude<TimeOptions, string>, "column">;

const read = (said: Said, text: string): readonly string[] | null => {
  const days = timeReading({ column: "day", ...said }).read(text);
  return days && [days.from, days.to].map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
};

describe("a date is the days that it may be", () => {
  test.for([
    ["yyyy", "2018", "2018-01-01", "2018-12-31"],
    ["yyyy-mm", "2012-04", "2012-04-01", "2012-04-30"],
    ["yyyymm", "201202", "2012-02-01", "2012-02-29"],
    ["yyyy/mm", "2011/2", "2011-02-01", "2011-02-28"],
    ["yyyy-mm-dd", "2004-00-00", "2004-01-01", "2004-12-31"],
    ["yyyymmdd", "20040500", "2004-05-01", "2004-05-31"],
    ["yyyy.mm.dd", "2018.4.1", "2018-04-01", "2018-04-01"],
    ["yyyy年mm月dd日", "2018年4月1日", "2018-04-01", "2018-04-01"],
    ["yyyy年mm月dd日", "２０１８年１２月", "2018-12-01", "2018-12-31"],
    ["yyyy年mm月dd日", "2018年度", "2018-04-01", "2019-03-31"],
    ["era", "平成30年4月1日", "2018-04-01", "2018-04-01"],
    ["era", "平成３０年４月１日", "2018-04-01", "2018-04-01"],
    ["era", "㍻30年4月", "2018-04-01", "2018-04-30"],
    ["era", "令和元年", "2019-05-01", "2019-12-31"],
    ["era", "令和元年5月1日", "2019-05-01", "2019-05-01"],
    ["era", "H30.4.1", "2018-04-01", "2018-04-01"],
    ["era", "h30/04/01", "2018-04-01", "2018-04-01"],
    ["era", "H300401", "2018-04-01", "2018-04-01"],
    ["era", "R1", "2019-05-01", "2019-12-31"],
    ["era", "平成31年", "2019-01-01", "2019-04-30"],
    ["era", "昭和64年", "1989-01-01", "1989-01-07"],
    ["era", "S20-08-15", "1945-08-15", "1945-08-15"],
    ["era", "大正15年12月25日", "1926-12-25", "1926-12-25"],
    ["excel", "43191", "2018-04-01", "2018-04-01"],
    ["excel", "43191.75", "2018-04-01", "2018-04-01"],
    ["excel", "61", "1900-03-01", "1900-03-01"],
    ["excel", "59", "1900-02-28", "1900-02-28"],
    ["excel", "1", "1900-01-01", "1900-01-01"],
  ] as const)("%s: %s", ([format, text, from, to]) => {
    expect(read({ format }, text)).toEqual([from, to]);
  });

  test.for([
    ["yyyy", "2005以前", "1850-01-01", "2005-12-31"],
    ["yyyy", "<=2005", "1850-01-01", "2005-12-31"],
    ["yyyy", "<2005", "1850-01-01", "2004-12-31"],
    ["yyyy", "2003〜2008", "2003-01-01", "2008-12-31"],
    ["yyyy", "2003-2008", "2003-01-01", "2008-12-31"],
    ["yyyy", "1950年代", "1950-01-01", "1959-12-31"],
    ["yyyy", "1950s", "1950-01-01", "1959-12-31"],
    ["yyyy-mm", "2003-04~2003-06", "2003-04-01", "2003-06-30"],
    ["yyyy年mm月dd日", "2005年3月まで", "1850-01-01", "2005-03-31"],
    ["era", "昭和20年以前", "1850-01-01", "1945-12-31"],
  ] as const)("%s: %s is a time with an open end, or between two", ([format, text, from, to]) => {
    expect(read({ format }, text)).toEqual([from, to]);
  });

  test.for([
    ["yyyy", "2008〜2003"],
    ["yyyy", "2005頃"],
    ["yyyy", "2005以前頃"],
    ["yyyy", "~"],
    ["yyyy", "2012-04"],
    ["yyyy", "2012-13"],
    ["yyyy-mm-dd", "2018-04-01-2018-05-01"],
    ["excel", "43191以降"],
    ["excel", "4-1"],
    ["yyyymmdd", "1950年代"],
  ] as const)("%s refuses %s as such a time", ([format, text]) => expect(read({ format }, text)).toBeNull());

  test("until today, and what comes", () => {
    expect(read({ format: "yyyy" }, "2010以降")?.[0]).toBe("2010-01-01");
    expect(read({ format: "yyyy" }, ">2010")?.[0]).toBe("2011-01-01");
    expect(read({ format: "yyyy" }, "2010+")?.[1]).toBe(`${new Date().getUTCFullYear() + 1}-12-31`);
  });

  test("the epoch of 1904", () =>
    expect(read({ format: "excel", epoch: 1904 }, "41729")).toEqual(["2018-04-01", "2018-04-01"]));

  test("two digits of a year in the century that is stated", () => {
    expect(read({ format: "yy/mm/dd", century: 1900 }, "45/8/15")).toEqual(["1945-08-15", "1945-08-15"]);
    expect(read({ format: "yymmdd", century: 2000 }, "180401")).toEqual(["2018-04-01", "2018-04-01"]);
  });

  test("one of several formats", () => {
    const format = ["yyyy-mm-dd", "yyyy-mm", "era"] as const;
    for (const text of ["2018-04-01", "2018-04", "H30.4.1"]) {
      expect(read({ format: [...format] }, text)?.[0]).toBe("2018-04-01");
    }
  });

  test.for([
    ["yyyy-mm-dd", "2004-00-15"],
    ["yyyy-mm-dd", "2019-02-29"],
    ["yyyy-mm-dd", "2012-04"],
    ["yyyy-mm", "2012-13"],
    ["yyyymm", "20120"],
    ["era", "平成31年5月1日"],
    ["era", "平成0年"],
    ["era", "平成元年1月7日"],
    ["era", "平成30年2月29日"],
    ["era", "H30.4/1"],
    ["era", "X30.4.1"],
    ["era", "30.4.1"],
    ["era", "令和99年"],
    ["excel", "60"],
    ["excel", "0"],
    ["excel", "20180401"],
    ["excel", "-1"],
    [["yyyymmdd", "excel"], "20180401.5"],
    [["yyyymm", "excel"], "201804"],
  ] as const)("%s refuses %s", ([format, text]) => {
    expect(read({ format: typeof format === "string" ? format : [...format] }, text)).toBeNull();
  });
});

describe("an age is completed years, or between two", () => {
  test.for([
    ["years", "30", [], 30],
    ["years", "30歳", [], 30],
    ["years", "３０才", [], 30],
    ["years", "30.0", [], 30],
    ["years", "30.0", ["29.5"], 29.5],
    ["years", "29.9986", [], 29.5],
    ["years", "44.5", [], 44],
    ["months", "359", [], 29],
    ["months", "360か月", [], 30],
    ["days", "10,957", [], 29.5],
    ["days", "365", [], 0.5],
    ["days", "6574.0", [], 17.5],
    ["days", "6600", [], 18],
  ] as const)("%s: %s", ([unit, text, others, age]) =>
    expect(ageReading(unit, [text, ...others])(text)).toEqual({ from: Math.floor(age), to: Math.ceil(age) }),
  );

  test.for([
    ["years", "90+", 90, 150],
    ["years", "９０＋", 90, 150],
    ["years", "90歳以上", 90, 150],
    ["years", ">=90", 90, 150],
    ["years", "≧90", 90, 150],
    ["years", "> 89", 89, 150],
    ["years", "90～", 90, 150],
    ["years", "90 and over", 90, 150],
    ["years", "90代以上", 90, 150],
    ["years", "<1", 0, 0],
    ["years", "1歳未満", 0, 0],
    ["years", "＜18", 0, 17],
    ["years", "<0.5", 0, 0],
    ["years", "≤5", 0, 5],
    ["years", "5歳以下", 0, 5],
    ["years", "～19歳", 0, 19],
    ["years", "20-29", 20, 29],
    ["years", "20歳〜29歳", 20, 29],
    ["years", "20代", 20, 29],
    ["years", "60歳代", 60, 69],
    ["years", "30s", 30, 39],
    ["years", "3歳2ヶ月", 3, 3],
    ["months", "<12", 0, 0],
    ["months", "6か月以上", 0, 150],
    ["months", "120~131", 10, 10],
    ["days", "<365", 0, 0],
    ["days", "1461日以上", 4, 150],
  ] as const)("%s: %s is between two", ([unit, text, from, to]) => {
    expect(ageReading(unit, [text])(text)).toEqual({ from, to });
  });

  test.for(["<0", "29-20", "90-", "151+", "-90", "約30", "30頃", "3歳12か月", "25代", "<", "+", "20--29"])(
    "%s years are refused",
    (text) => expect(ageReading("years", [text])(text)).toBeNull(),
  );

  test.for(["1,20", "12,00", "0x10", "-1", "1e1", "151", "30か月", "歳", ""])("%s years are refused", (text) => {
    expect(ageReading("years", [text])(text)).toBeNull();
  });

  // Every day of a birth and a collection, in steps that meet the seams around leap days and 1900.
  test("the days between two dates are never a wrong age", () => {
    for (const [year, month, day] of [
      [1888, 2, 29],
      [1899, 12, 31],
      [1900, 2, 28],
      [1999, 3, 1],
      [2000, 2, 29],
    ] as const) {
      for (let years = 0; years < 110; years += 1) {
        for (const more of [-2, -1, 0, 1]) {
          const to = new Date(Date.UTC(year + years, month - 1, day) + more * 86_400_000);
          const days = to.getTime() / 86_400_000 - dayOf(year, month, day);
          if (days < 0) continue;
          const before = to.getUTCMonth() * 32 + to.getUTCDate() < (month - 1) * 32 + day;
          const age = to.getUTCFullYear() - year - (before ? 1 : 0);
          const got = ageReading("days", [])(String(days))!;
          expect([year, days, got.from <= age && age <= got.to && got.to - got.from <= 1]).toEqual([year, days, true]);
        }
      }
    }
  });
});

test("numbers of tubes", () => {
  expect(["3", "3.0", "3本", "1,200", "３", "0"].map(tubesIn)).toEqual([3, 3, 3, 1200, 3, 0]);
  expect(["", "1.5", "1,20", "0x10", "1e1", "1_0", "-1", "3袋"].map(tubesIn)).toEqual(Array(8).fill(null));
});
