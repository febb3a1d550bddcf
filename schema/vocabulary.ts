import { codeSystem, DISEASE_SYSTEMS, isDiseaseSystem } from "./codes/disease-code.ts";
import { type FieldName, isNumberField, NOT_RECORDED, type NumberField } from "./fields.ts";
import { type Text, text } from "./text.ts";

type Labels = { readonly [value: string]: Text };

/** The values of every field that has a fixed list, in the order of the SDL's enums, with their names. */
export const VALUES = {
  SEX: { FEMALE: text("female", "女性"), MALE: text("male", "男性"), OTHER: text("other sex", "その他の性別") },
  COHORT: {
    POPULATION: text("population cohort", "一般住民コホート"),
    PATIENT: text("patient cohort", "患者コホート"),
    FAMILY: text("family cohort", "家系コホート"),
  },
  FAMILY: {
    TRIO: text("complete trio (child, mother, father)", "トリオ（子・母・父）がそろう"),
    RELATIVE_HELD: text("a relative in the same bank", "同じバンクに血縁者がいる"),
  },
  DATA: {
    WGS: text("whole-genome sequence", "全ゲノム解析"),
    WES: text("whole-exome sequence", "全エクソーム解析"),
    SNP_ARRAY: text("SNP array", "SNPアレイ"),
    LONG_READ: text("long-read sequence", "ロングリード解析"),
    TRANSCRIPTOME: text("transcriptome", "トランスクリプトーム"),
    METHYLOME: text("methylome", "メチローム"),
    PROTEOME: text("proteome", "プロテオーム"),
    METABOLOME: text("metabolome", "メタボローム"),
    IMAGING: text("imaging", "画像"),
  },
  USE: {
    ACADEMIC: text("academic use", "学術利用"),
    COMMERCIAL: text("commercial use", "企業利用"),
    OVERSEAS: text("use abroad", "海外での利用"),
  },
  SAMPLE_TYPE: {
    DNA: text("DNA", "DNA"),
    RNA: text("RNA", "RNA"),
    CFDNA: text("cell-free DNA", "血中遊離DNA"),
    WHOLE_BLOOD: text("whole blood", "全血"),
    PLASMA: text("plasma", "血漿"),
    SERUM: text("serum", "血清"),
    BUFFY_COAT: text("buffy coat", "バフィーコート"),
    PBMC: text("peripheral blood mononuclear cells", "末梢血単核球"),
    CORD_BLOOD_MNC: text("cord blood mononuclear cells", "臍帯血単核球"),
    DRIED_BLOOD_SPOT: text("dried blood spot", "乾燥ろ紙血"),
    TISSUE_FROZEN: text("frozen tissue", "凍結組織"),
    TISSUE_FFPE: text("FFPE tissue", "FFPE組織"),
    BONE_MARROW: text("bone marrow", "骨髄"),
    STEM_CELLS: text("stem cells", "幹細胞"),
    PRIMARY_CELLS: text("primary cells", "初代培養細胞"),
    CELL_LINE: text("cell line", "株化細胞"),
    CSF: text("cerebrospinal fluid", "髄液"),
    PLEURAL_FLUID: text("pleural fluid", "胸水"),
    ASCITES: text("ascites", "腹水"),
    AMNIOTIC_FLUID: text("amniotic fluid", "羊水"),
    BAL: text("bronchoalveolar lavage", "気管支肺胞洗浄液"),
    URINE: text("urine", "尿"),
    STOOL: text("stool", "便"),
    SALIVA: text("saliva", "唾液"),
    SPUTUM: text("sputum", "喀痰"),
    NASAL_SWAB: text("nasal swab", "鼻腔ぬぐい液"),
    BREAST_MILK: text("breast milk", "母乳"),
    HAIR: text("hair", "毛髪"),
  },
  SAMPLE_ORIGIN: { TUMOUR: text("tumour", "腫瘍部"), NORMAL: text("normal", "正常部") },
  STORAGE: {
    ROOM: text("room temperature", "室温"),
    PLUS_4: text("+4 °C", "4℃"),
    MINUS_20: text("−20 °C", "−20℃"),
    MINUS_80: text("−80 °C", "−80℃"),
    LN2: text("liquid nitrogen", "液体窒素"),
  },
} as const satisfies { readonly [F in FieldName]?: Labels };

/** Names of the programmes that the vocabulary knows; banks may name others. */
export const PROGRAMMES: Labels = {
  CONTROL_GROUP: text("Control group", "コントロール群"),
  PUBLIC_PRIVATE_100K: text("Public-private 100,000 genomes", "官民共同10万人全ゲノム解析"),
  CANCER_WGS: text("Cancer whole genomes", "がん全ゲノム解析"),
  CANCER_WGS_HEREDITARY: text("Cancer whole genomes: hereditary cancer", "がん全ゲノム解析（遺伝性がん等）"),
  CANCER_WGS_INTRACTABLE: text("Cancer whole genomes: intractable cancer", "がん全ゲノム解析（難治性がん）"),
  CANCER_WGS_FY2021: text("Cancer whole genomes: fiscal year 2021", "がん全ゲノム解析（令和3年度）"),
  RARE_DISEASE_WGS: text("Rare disease whole genomes", "難病全ゲノム解析"),
  RARE_DISEASE_WGS_FY2020: text("Rare disease whole genomes: to fiscal year 2020", "難病全ゲノム解析（令和2年度まで）"),
  RARE_DISEASE_WGS_FY2021: text("Rare disease whole genomes: fiscal year 2021", "難病全ゲノム解析（令和3年度）"),
};

const fixedLabels = (field: FieldName): Labels | undefined => (VALUES as { readonly [F in FieldName]?: Labels })[field];

/** The values of a field that has a fixed list; none for the other fields. */
export const valuesOf = (field: FieldName): readonly string[] => Object.keys(fixedLabels(field) ?? {});

/**
 * The name of one value of a field: an enum name, a CURIE, a band of numbers (`40-49`, `40-`, `-39`) or one (`2013`),
 * the id of a centre, or NOT_RECORDED. A value without a name of its own is its own name.
 */
export const valueLabel = (field: FieldName, value: string): Text => {
  if (value === NOT_RECORDED) return text("not recorded", "記載なし");
  if (isNumberField(field)) return bandLabel(field, value);
  const curie = parseCurie(value);
  if (field === "DISEASE" && curie !== null && isDiseaseSystem(curie.system)) {
    const system = codeSystem(curie.system);
    const code = system.normalize(curie.code);
    return code === null ? text(value, value) : system.label(code);
  }
  const labels = field === "PROGRAMME" ? PROGRAMMES : fixedLabels(field);
  const own = field === "PROGRAMME" ? curie?.code : value;
  return (own !== undefined && labels && Object.hasOwn(labels, own) && labels[own]) || text(value, value);
};

const bandLabel = (field: NumberField, value: string): Text => {
  const [, from, dash, to] = /^(\d*)(-?)(\d*)$/.exec(value) ?? [];
  const end = dash ? to : from;
  return from || end ? rangeLabel(field, from ? Number(from) : null, end ? Number(end) : null) : text(value, value);
};

/** The name of a range of ages or years, both ends inclusive, null open: `40 to 59 years`, `2013 or later`. */
export const rangeLabel = (field: NumberField, from: number | null, to: number | null): Text => {
  const [years, unit] = field === "AGE_AT_COLLECTION" ? [" years", "歳"] : ["", "年"];
  if (from !== null && to !== null) {
    return from === to
      ? text(`${from}${years}`, `${from}${unit}`)
      : text(`${from} to ${to}${years}`, `${from}〜${to}${unit}`);
  }
  if (from !== null)
    return text(`${from}${years} or ${years ? "older" : "later"}`, `${from}${unit}以${years ? "上" : "降"}`);
  if (to !== null)
    return text(`${to}${years} or ${years ? "younger" : "earlier"}`, `${to}${unit}以${years ? "下" : "前"}`);
  return text("any", "指定なし");
};

/** The systems that the federation's codes come from. */
export const CODE_SYSTEMS: readonly string[] = [...DISEASE_SYSTEMS, "PROGRAMME"];

/** A CURIE in its two parts, the system in capitals; null where it has no known system or no code. */
export const parseCurie = (curie: string): { readonly system: string; readonly code: string } | null => {
  const colon = curie.indexOf(":");
  const [system, code] = [curie.slice(0, Math.max(colon, 0)).trim().toUpperCase(), curie.slice(colon + 1).trim()];
  return CODE_SYSTEMS.includes(system) && code !== "" ? { system, code } : null;
};
