/**
 * The form of a name that the search of words compares: separate words of Latin letters and digits, and runs of Japanese.
 * Folded away are letter width, case, accents, kana, long vowels, British spelling, plurals, Roman numbers, signs between words
 * and kanji that people write in kana. Names and queries are folded alike.
 */
export const foldName = (text: string): string => {
  const plain = text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[̀-ͯ]/g, "")
    .normalize("NFC")
    .replace(/\b(?:[a-z]\.){2,}[a-z]?(?![a-z])/g, (dotted) => dotted.replaceAll(".", ""));
  return foldJapanese(plain)
    .replace(SEPARATORS, " ")
    .replace(/[a-z0-9]+/g, foldLatin)
    .replace(/ +/g, " ")
    .trim();
};

/** The words of a folded name: Latin words, numbers with their 型, and runs of Japanese. */
export const wordsOf = (folded: string): readonly string[] => folded.match(/[a-z0-9]+型?|[^a-z0-9 ]+/g) ?? [];

const SEPARATORS = /[^a-z0-9぀-ヿ㐀-鿿々α-ω]+/g;

/** Words of other writing that mean the same, longest first within a row of alternatives. */
const foldJapanese = (text: string): string =>
  /[^\0-~]/.test(text)
    ? text
        .replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
        .replace(/[ー・＝゠]/g, "")
        .replace(KANA, (kana) => KANA_OF[kana]!)
        .replace(/(?<![a-z])(i{1,3}|iv|v)(?=型)/g, (roman) => String(ROMAN.indexOf(roman) + 1))
        .replace(/[一二三四](?=型)/g, (digit) => String("一二三四".indexOf(digit) + 1))
        .replace(/型の/g, "型")
        .replace(/([a-z])(?=\d+型)/g, "$1 ")
        .replace(/が?痛(?:い|む|みがある)$|の?痛み/g, "痛")
        .replace(/[がの](?:腫れている|腫れる|腫れた|腫れ|はれている|はれる|はれ)$/g, "腫れ")
        .replace(/がむくむ$/g, "むくみ")
        .replace(/がかゆい$/g, "かゆみ")
        .replace(ALIKE, (kanji) => ALIKE_OF[kanji] ?? kanji)
        .replace(KANJI, (kanji) => KANJI_OF[kanji] ?? kanji)
        .replace(/([^\0-~])の(?=[^\0-~])/g, "$1")
    : text;

const ROMAN = ["i", "ii", "iii", "iv", "v"];

const KANA_OF: { readonly [kana: string]: string } = {
  ゔぁ: "ば",
  ゔぃ: "び",
  ゔぇ: "べ",
  ゔぉ: "ぼ",
  ゔ: "ぶ",
  ぢ: "じ",
  づ: "ず",
};
const KANA = /ゔ[ぁぃぇぉ]?|[ぢづ]/g;

/** Words that are written for one another. */
const ALIKE_OF: { readonly [words: string]: string } = {
  悪性新生物: "がん",
  悪性腫瘍: "がん",
  癌腫: "がん",
  癌: "がん",
  肝臓: "肝",
  腎臓: "腎",
  膵臓: "膵",
  すい臓: "膵",
  脾臓: "脾",
  心臓: "心",
  じん臓: "腎",
  かん臓: "肝",
  ひ臓: "脾",
  脾ぞう: "脾",
  腎ぞう: "腎",
  肝ぞう: "肝",
  心ぞう: "心",
  疾患: "病",
  病気: "病",
  障碍: "障害",
  硬塞: "梗塞",
  流行性耳下腺炎: "おたふくかぜ",
  風邪: "かぜ",
  眩暈: "めまい",
  鬱血: "うっ血",
  浮腫: "むくみ",
  脳みそ: "脳",
  脳味噌: "脳",
};
const ALIKE =
  /悪性新生物|悪性腫瘍|癌腫|癌|[肝腎膵脾心]臓|[肝腎心脾]ぞう|すい臓|じん臓|かん臓|ひ臓|疾患|病気|障碍|硬塞|風邪|眩暈|鬱血|脳みそ|脳味噌/g;

/** Kanji that people write in kana too, each with the one reading that it has in names of diseases. */
const KANJI_OF: { readonly [kanji: string]: string } = Object.fromEntries(
  (
    "癌がん 膵すい 臓ぞう 障しょう 害がい 疹しん 瘍よう 腫しゅ 梗こう 塞そく 栓せん 嚢のう 囊のう 痙けい 攣れん 鬱うつ 欝うつ 鬆しょう 粗そ 瘡そう " +
    "痒よう 癬せん 疣いぼ 痔じ 痺ひ 咽いん 喉こう 頚けい 頸けい 胱こう 膀ぼう 腱けん 鞘しょう 靭じん 靱じん 褥じょく 蕁じん 喘ぜん 痴ち 呆ほう " +
    "齲う 蝕しょく 痘とう 疱ほう 疸だん 瘤りゅう 癇かん 癲てん 痰たん 嗽そう 嘔おう 腟ちつ 膣ちつ 臍さい 臀でん 腔くう 顎がく 膝しつ 肛こう " +
    "糜び 爛らん 潰かい 淋りん 疽そ 斑はん 萎い 縮しゅく 繊せん 硬こう 炎えん 症しょう 瘻ろう 隙げき 弯わん 彎わん 剥はく 離り 鼠そ 鼡そ 蹊けい 径けい " +
    "麻ま 涙るい 腿たい 踵しょう 肘ちゅう 蓋がい 唇しん 顆か 癜でん 壊え 脆ぜい 羞しゅう 挫ざ 捻ねん 齦ぎん 盂う 蓄ちく 膿のう 痛つう 漿しょう 吃きつ 誤ご 嚥えん 拗よう"
  )
    .split(" ")
    .map((pair) => [pair[0]!, pair.slice(1)]),
);
const KANJI = new RegExp(`[${Object.keys(KANJI_OF).join("")}]`, "g");

/** One Latin word without British spelling and plural; words of the same meaning become one. */
const foldLatin = (word: string): string => {
  if (word.length < 4) return SAME_WORDS[word] ?? word;
  const american = word
    .replace(/oe|ae/g, "e")
    .replace(/rrh?/g, "r")
    .replace(/our(?=s?$)/, "or")
    .replace(/is(?=(?:ed?|ing|ation)$)/, "iz")
    .replace(/ph/g, "f")
    .replace(/leuco/g, "leuko");
  const singular = singularOf(american);
  return SAME_WORDS[singular] ?? singular;
};

const singularOf = (word: string): string => {
  if (/(?:ss|us|is)$/.test(word) || !word.endsWith("s")) return word;
  if (word.endsWith("ies") && word.length > 5) return `${word.slice(0, -3)}y`;
  if (/(?:x|ch|sh|ss|z)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
};

/** Words of one meaning: the folded word, and the one that stands for it. */
export const SAME_WORDS: { readonly [word: string]: string } = Object.fromEntries(
  [
    "cancer carcinoma malignancy ca cancerou malignant",
    "tumor neoplasm tumour",
    "kidney renal nefric",
    "liver hepatic",
    "heart cardiac",
    "lung pulmonary",
    "stomach gastric",
    "brain cerebral",
    "skin cutaneou dermal",
    "womb uterus uterine",
    "breast mammary",
    "bowel intestine intestinal gut",
    "prostate prostatic",
    "pancreas pancreatic",
    "esofagus esofageal gullet",
    "ovary ovarian",
    "cervix cervical",
    "testicle testicular testis testes",
    "bladder vesical",
    "thyroid tyroid",
    "spine spinal",
    "nerve neural",
    "bone osseou",
    "mouth oral",
    "nose nasal",
    "eye ocular",
    "broken fracture fractured",
    "clot thrombosis trombosis thrombu",
    "bleeding bleed hemorage hemorhage hemorrhage",
    "stone calculus lithiasis",
    "allergy allergic",
    "diabete diabetic dm",
    "depression depressive depressed",
    "schizofrenia schizofrenic",
    "epilepsy epileptic",
    "asthma asthmatic",
    "infection infectiou infected",
    "disease diseased illness disorder",
    "swelling swollen edema",
    "pain painful ache hurt hurting aching",
    "newborn neonatal neonate",
    "pregnancy pregnant gestational",
    "child childhood pediatric juvenile",
    "injury trauma traumatic",
    "ischemic ischemia",
    "obstructive obstruction obstructed blockage blocked occlusion occluded clogged",
    "inflammation inflamed inflammatory",
    "deficiency deficient lack",
    "failure failing",
    "enlarged enlargement hypertrofy hyperplasia",
    "swallowing dysfagia",
    "addiction addict dependence dependent",
    "1 i one",
    "2 ii two",
    "3 iii three",
    "4 iv four",
    "type typ",
  ].flatMap((row) => {
    const [first, ...others] = row.split(" ");
    return others.map((other) => [other, first!]);
  }),
);
