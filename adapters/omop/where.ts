import type { FieldName } from "../../schema/fields.ts";
import { Unsupported } from "../kit/unsupported.ts";
import type { CodeTest, LocalPredicate, LocalSelector } from "../local.ts";
import type { Write } from "./columns.ts";
import { isNumberColumn, isRecordTable, type OmopFields, type RecordTable, recordTest } from "./fields.ts";
import { join } from "./join.ts";
import type { Bind } from "./statement.ts";
import { CERTAIN, standingOf } from "./status.ts";
import { PRESENT, testSql } from "./tests.ts";

/** See where. */
export type Where = ReturnType<typeof where>;

/** The place of a field, or an Unsupported that names it. */
export const placeOf = <F extends FieldName, P>(places: ReadonlyMap<F, P>, field: F): P => {
  const place = places.get(field);
  if (place === undefined) throw new Unsupported(`${field}: wanted a field that the adapter's options place, got none`);
  return place;
};

/**
 * Writes predicates over `p` (person) and selectors over `s` (specimen) and `p` for one statement. None of them is ever negated
 * by NOT. @throws {Unsupported} from each of its functions
 */
export const where = (fields: OmopFields, bind: Bind) => {
  const samples = (asked: LocalSelector, negated: boolean): string => {
    if (asked.op === "not") return samples(asked.of, !negated);
    if (asked.op === "sure") return negated ? "FALSE" : "TRUE";
    if (asked.op !== "has") {
      const parts = asked.of.map((part) => samples(part, negated));
      return join(turned(asked.op, negated), parts);
    }
    return testSql(placeOf(fields.sample, asked.field), asked, negated, bind);
  };
  const ofBirth = (asked: LocalSelector): boolean => {
    if (asked.op === "not") return ofBirth(asked.of);
    if (asked.op === "sure") return false;
    if (asked.op !== "has") return asked.of.some(ofBirth);
    const place = placeOf(fields.sample, asked.field);
    return isNumberColumn(place) && place.birth.length > 0;
  };

  /**
   * `alone`: nothing but AND stands above, so that EXISTS becomes a join. Under OR it would be looked up row by row, while
   * IN over a subquery of its own is hashed.
   */
  const donors = (asked: LocalPredicate, negated: boolean, alone: boolean): string => {
    switch (asked.op) {
      case "not":
        return donors(asked.of, !negated, alone);
      case "sure":
        return negated ? "FALSE" : "TRUE";
      case "sample":
        return sampleSql(asked.of, negated, alone);
      case "has": {
        const place = placeOf(fields.donor, asked.field);
        if (!isRecordTable(place)) return testSql(place, asked, negated, bind);
        return recordSql(place, asked, { negated, alone: alone && (negated || !asked.test.missing) }, bind);
      }
      default: {
        const op = turned(asked.op, negated);
        const still = alone && (op === "all" || asked.of.length === 1);
        const parts = asked.of.map((part) => donors(part, negated, still));
        return join(op, parts);
      }
    }
  };
  const sampleSql = (asked: LocalSelector, negated: boolean, alone: boolean): string => {
    const condition = samples(asked, false);
    if (condition === "FALSE") return negated ? "TRUE" : "FALSE";
    const specimen = `${fields.table("specimen")} s`;
    if (alone) {
      return `${negated ? "NOT " : ""}EXISTS (SELECT FROM ${specimen} WHERE s.person_id = p.person_id AND ${condition})`;
    }
    const born = ofBirth(asked) ? ` JOIN ${fields.table("person")} p USING (person_id)` : "";
    return `p.person_id ${negated ? "NOT IN" : "IN"} (SELECT s.person_id FROM ${specimen}${born} WHERE ${somebody("s", condition)})`;
  };

  return {
    donors: (asked: LocalPredicate): string => donors(asked, false, true),
    samples: (asked: LocalSelector): string => samples(asked, false),
    /** Whether the selector looks at the donor's birth. */
    ofBirth,
  };
};

/** Rows of a record table that meet a condition; `r` is theirs. */
export const recordRows = ({ from, where: rows }: RecordTable, condition: string, bind: Bind): string =>
  `${from} WHERE ${join("all", [rows(bind), condition])}`;

/** NOT IN of a list that holds NULL is never TRUE, and many CDMs have rows without a person. */
const somebody = (alias: "s" | "r", condition: string): string =>
  join("all", [`${alias}.person_id IS NOT NULL`, condition]);

type Place = { readonly negated: boolean; readonly alone: boolean };

const recordSql = (
  table: RecordTable,
  { field, test: asked }: { readonly field: FieldName; readonly test: CodeTest },
  { negated, alone }: Place,
  bind: Bind,
): string => {
  const test = recordTest(table, asked);
  const { looked, present } = standingOf(table.standing ?? CERTAIN, test.doubt === true);
  const rows = (of: CodeTest, standing: Write, not: boolean): string => {
    const condition = testSql(table.code, { field, test: of }, false, bind);
    if (condition === "FALSE") return not ? "TRUE" : "FALSE";
    const counted = join("all", [condition, standing(bind)]);
    const ofOne = alone ? `r.person_id = p.person_id AND ${counted}` : somebody("r", counted);
    const found = recordRows(table, ofOne, bind);
    if (alone) return `${not ? "NOT " : ""}EXISTS (SELECT FROM ${found})`;
    return `p.person_id ${not ? "NOT IN" : "IN"} (SELECT r.person_id FROM ${found})`;
  };
  const passes = rows({ ...test, missing: false }, looked, negated);
  return test.missing ? join(negated ? "all" : "any", [passes, rows(PRESENT, present, !negated)]) : passes;
};

const turned = (op: "all" | "any", negated: boolean): "all" | "any" => (negated ? (op === "all" ? "any" : "all") : op);
