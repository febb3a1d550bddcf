import { FIELDS, type FieldName } from "../../schema/fields.ts";
import { Unsupported } from "../kit/unsupported.ts";
import type { CodeTest, LocalPredicate, LocalSelector } from "../local.ts";
import { type CodeColumn, isNumberColumn, isRecordTable, type OmopFields, type RecordTable } from "./fields.ts";
import type { Bind } from "./statement.ts";
import { join, PRESENT, testSql } from "./tests.ts";

/** Writes predicates over `p` (person) and selectors over `s` (specimen) and `p`. None of them is ever negated by NOT. */
export type Where = {
  /** @throws {Unsupported} */
  donors(asked: LocalPredicate): string;
  /** @throws {Unsupported} */
  samples(asked: LocalSelector): string;
  /** Whether the selector looks at the donor's birth. */
  ofBirth(asked: LocalSelector): boolean;
};

/** The place of a field, or an Unsupported that names it. */
export const placeOf = <F extends FieldName, P>(places: ReadonlyMap<F, P>, field: F): P => {
  const place = places.get(field);
  if (place === undefined) throw new Unsupported(`${field}: wanted a field that the adapter's options place, got none`);
  return place;
};

/** Makes the writer for one statement. */
export const where = (fields: OmopFields, bind: Bind): Where => {
  const samples = (asked: LocalSelector, negated: boolean): string => {
    if (asked.op === "not") return samples(asked.of, !negated);
    if (asked.op !== "has") {
      return join(
        turned(asked.op, negated),
        asked.of.map((part) => samples(part, negated)),
      );
    }
    return named(asked.field, () => testSql(placeOf(fields.sample, asked.field), asked.test, negated, bind));
  };
  const ofBirth = (asked: LocalSelector): boolean => {
    if (asked.op === "not") return ofBirth(asked.of);
    if (asked.op !== "has") return asked.of.some(ofBirth);
    const place = placeOf(fields.sample, asked.field);
    return isNumberColumn(place) && place.ofBirth;
  };

  /**
   * `alone`: nothing but AND stands above, so that EXISTS becomes a join. Under OR it would be looked up row by row, while
   * IN over a subquery of its own is hashed.
   */
  const donors = (asked: LocalPredicate, negated: boolean, alone: boolean): string => {
    switch (asked.op) {
      case "not":
        return donors(asked.of, !negated, alone);
      case "sample":
        return sampleSql(asked.of, negated, alone);
      case "has": {
        const place = placeOf(fields.donor, asked.field);
        return named(asked.field, () =>
          isRecordTable(place)
            ? recordSql(place, asked.test, { negated, alone: alone && (negated || !asked.test.missing) }, bind)
            : testSql(place, asked.test, negated, bind),
        );
      }
      default: {
        const op = turned(asked.op, negated);
        const still = alone && (op === "all" || asked.of.length === 1);
        return join(
          op,
          asked.of.map((part) => donors(part, negated, still)),
        );
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
    return `p.person_id ${negated ? "NOT IN" : "IN"} (SELECT s.person_id FROM ${specimen}${born} WHERE ${condition})`;
  };

  return {
    donors: (asked) => donors(asked, false, true),
    samples: (asked) => samples(asked, false),
    ofBirth,
  };
};

/** Rows of a record table for which the code passes; `r` is theirs. */
export const recordRows = ({ from, where: rows }: RecordTable, condition: string, bind: Bind): string =>
  `${from} WHERE ${join("all", [rows(bind), condition])}`;

type Place = { readonly negated: boolean; readonly alone: boolean };

const recordSql = (
  table: RecordTable,
  { missing, ...test }: CodeTest,
  { negated, alone }: Place,
  bind: Bind,
): string => {
  const rows = (of: CodeTest, not: boolean): string => {
    const condition = valueSql(table.code, of, bind);
    if (condition === "FALSE") return not ? "TRUE" : "FALSE";
    if (!alone)
      return `p.person_id ${not ? "NOT IN" : "IN"} (SELECT r.person_id FROM ${recordRows(table, condition, bind)})`;
    const found = recordRows(table, `r.person_id = p.person_id AND ${condition}`, bind);
    return `${not ? "NOT " : ""}EXISTS (SELECT FROM ${found})`;
  };
  const passes = rows({ ...test, missing: false }, negated);
  return missing ? join(negated ? "all" : "any", [passes, rows(PRESENT, !negated)]) : passes;
};

const valueSql = (code: CodeColumn, test: CodeTest, bind: Bind): string => testSql(code, test, false, bind);

const turned = (op: "all" | "any", negated: boolean): "all" | "any" => (negated ? (op === "all" ? "any" : "all") : op);

/** Names the field in what is thrown. */
const named = (field: FieldName, write: () => string): string => {
  try {
    return write();
  } catch (error) {
    if (error instanceof Unsupported) throw new Unsupported(`${field} (${FIELDS[field].label.en}): ${error.message}`);
    throw error;
  }
};
