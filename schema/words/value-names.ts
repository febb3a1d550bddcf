import type { FieldName } from "../fields.ts";

/** Other names of a value, beside its label: what people call it in English and Japanese, with abbreviations and readings. */
export type OtherNames = { readonly en: readonly string[]; readonly ja: readonly string[] };

const names = (en: string, ja: string): OtherNames => ({ en: listOf(en), ja: listOf(ja) });
const listOf = (line: string): readonly string[] => (line === "" ? [] : line.split("; "));

/** Other names of the values with a fixed list, from general knowledge. Separated by `; `. */
export const OTHER_VALUE_NAMES = {
  SEX: {
    FEMALE: names("women; woman; girls; females; F", "女; 女の人; 婦人; じょせい"),
    MALE: names("men; man; boys; males; M", "男; 男の人; だんせい"),
    OTHER: names("intersex; diverse; other gender", "その他; 性別不詳; 性分化疾患"),
  },
  COHORT: {
    POPULATION: names(
      "general population; healthy people; healthy volunteers; residents; community cohort; birth cohort",
      "一般住民; 地域住民; 健常者; 健康な人; 住民コホート; 健常人; いっぱんじゅうみん",
    ),
    PATIENT: names(
      "patients; hospital patients; clinical cohort; cases; disease cohort",
      "患者; 病院コホート; 疾患コホート; 症例; かんじゃ",
    ),
    FAMILY: names(
      "families; family study; three generations; birth and three-generation cohort",
      "家族; 家系; 三世代コホート; 三世代; かけい",
    ),
  },
  FAMILY: {
    TRIO: names("trio; trios; parents and child; mother father child", "トリオ; 親子; 両親と子; 父母と子"),
    RELATIVE_HELD: names("relatives; relative; siblings; parent; kin", "血縁者; 家族あり; きょうだい; 親族; 血縁"),
  },
  DATA: {
    WGS: names(
      "whole genome; whole genome sequencing; genome sequence; full genome; whole-genome data",
      "全ゲノム; 全ゲノムシークエンス; 全ゲノム配列; ホールゲノム; ゲノム配列; ぜんげのむ",
    ),
    WES: names(
      "whole exome; exome; exome sequencing; whole exome sequencing",
      "全エクソーム; エクソーム; エキソーム; 全エキソーム",
    ),
    SNP_ARRAY: names(
      "SNP; SNPs; genotype; genotypes; genotyping; genotype array; DNA array; microarray; GWAS array; chip",
      "SNP; スニップ; ジェノタイプ; 遺伝子型; 一塩基多型; ジャポニカアレイ; DNAアレイ; マイクロアレイ",
    ),
    LONG_READ: names(
      "long read; long reads; long-read sequencing; nanopore; PacBio; HiFi; third generation sequencing",
      "ロングリード; 長鎖; 長鎖シークエンス; ナノポア",
    ),
    TRANSCRIPTOME: names(
      "RNA-seq; RNAseq; RNA sequencing; gene expression; expression data; transcriptomics",
      "RNAシークエンス; 遺伝子発現; 発現データ; 発現解析; トランスクリプトミクス",
    ),
    METHYLOME: names(
      "methylation; DNA methylation; epigenome; epigenomics; methylation array; EWAS",
      "メチル化; DNAメチル化; エピゲノム; メチル化アレイ",
    ),
    PROTEOME: names(
      "proteomics; proteins; protein data; mass spectrometry of proteins; Olink; SomaScan",
      "プロテオミクス; タンパク質; 蛋白質; たんぱく質; 蛋白質解析",
    ),
    METABOLOME: names(
      "metabolomics; metabolites; NMR; lipidomics; metabolite data",
      "メタボロミクス; 代謝物; 代謝産物; 代謝物質; 代謝物解析",
    ),
    IMAGING: names(
      "images; image data; MRI; CT; scan; scans; radiology; X-ray; brain MRI",
      "画像データ; 医用画像; MRI; CT; レントゲン; 脳画像; がぞう; エックス線",
    ),
  },
  USE: {
    ACADEMIC: names(
      "academic; academia; university research; non-profit research; research use",
      "学術; アカデミア; 大学; 学術研究; 非営利",
    ),
    COMMERCIAL: names(
      "commercial; industry; industrial use; company; companies; for-profit; pharma; business use",
      "企業; 商用; 商業利用; 産業利用; 営利; 製薬企業; 会社; 民間企業; 商用利用; きぎょうりよう",
    ),
    OVERSEAS: names(
      "abroad; overseas; overseas use; foreign; international; outside Japan; export",
      "海外; 国外; 国外提供; 外国; 海外提供; 国際; かいがい",
    ),
  },
  SAMPLE_TYPE: {
    DNA: names("genomic DNA; gDNA; deoxyribonucleic acid; germline DNA", "ゲノムDNA; 核酸; ディーエヌエー"),
    RNA: names("total RNA; ribonucleic acid; mRNA; RNA sample", "トータルRNA; 核酸; アールエヌエー"),
    CFDNA: names(
      "cfDNA; ctDNA; circulating DNA; circulating tumour DNA; liquid biopsy; cell free DNA",
      "cfDNA; ctDNA; 循環DNA; 遊離DNA; リキッドバイオプシー; 血中循環腫瘍DNA",
    ),
    WHOLE_BLOOD: names(
      "blood; EDTA blood; venous blood; peripheral blood; blood sample",
      "血液; 末梢血; ぜんけつ; 採血",
    ),
    PLASMA: names("blood plasma; EDTA plasma; heparin plasma", "血しょう; EDTA血漿; けっしょう; プラズマ"),
    SERUM: names("blood serum; sera", "けっせい; 血清検体; セーラム"),
    BUFFY_COAT: names("white blood cells; leukocytes; leucocytes; white cells", "白血球; 白血球層; バフィコート"),
    PBMC: names(
      "PBMC; PBMCs; mononuclear cells; lymphocytes; viable blood cells",
      "PBMC; 単核球; 末梢血リンパ球; リンパ球; たんかくきゅう",
    ),
    CORD_BLOOD_MNC: names(
      "cord blood; umbilical cord blood; cord blood cells",
      "臍帯血; さい帯血; さいたいけつ; へその緒の血",
    ),
    DRIED_BLOOD_SPOT: names(
      "DBS; blood spot; filter paper; Guthrie card; blood card",
      "ろ紙血; 濾紙血; 乾燥血液; 血液ろ紙; ガスリーカード",
    ),
    TISSUE_FROZEN: names(
      "fresh frozen tissue; snap frozen tissue; cryopreserved tissue; frozen specimen; frozen section; tissue",
      "新鮮凍結組織; 凍結検体; 凍結標本; 冷凍組織; 組織",
    ),
    TISSUE_FFPE: names(
      "FFPE; paraffin; paraffin block; formalin fixed tissue; paraffin embedded tissue; pathology block; tissue",
      "FFPE; パラフィン; パラフィンブロック; ホルマリン固定; パラフィン包埋組織; 病理標本; 組織",
    ),
    BONE_MARROW: names("marrow; bone marrow aspirate; BM aspirate", "こつずい; 骨髄液; 骨髄穿刺液"),
    STEM_CELLS: names(
      "iPS cells; iPSC; induced pluripotent stem cells; ES cells; stem cell",
      "iPS細胞; 幹細胞株; かんさいぼう",
    ),
    PRIMARY_CELLS: names(
      "primary culture; cultured cells; fibroblasts; primary cell culture",
      "初代培養; 培養細胞; 線維芽細胞",
    ),
    CELL_LINE: names(
      "cell lines; LCL; lymphoblastoid cell line; immortalised cells; immortalized cells; B cell line; EBV line",
      "細胞株; 不死化細胞; リンパ芽球様細胞株; 培養細胞; さいぼうかぶ",
    ),
    CSF: names("CSF; spinal fluid; liquor; lumbar puncture", "脳脊髄液; CSF; ずいえき; 腰椎穿刺液"),
    PLEURAL_FLUID: names("pleural effusion; effusion; fluid of the chest", "胸腔液; きょうすい"),
    ASCITES: names("ascitic fluid; peritoneal fluid; abdominal fluid", "腹腔液; ふくすい"),
    AMNIOTIC_FLUID: names("amnion fluid; waters", "ようすい; 羊水検体"),
    BAL: names("BAL; BALF; lung lavage; bronchial lavage; lavage fluid", "BAL; BALF; 肺胞洗浄液; 気管支洗浄液"),
    URINE: names("urine sample; pee; midstream urine", "尿検体; おしっこ; 蓄尿; にょう"),
    STOOL: names(
      "faeces; feces; fecal sample; faecal sample; poo; gut microbiome sample",
      "糞便; 大便; 検便; うんち; ふん便; べん",
    ),
    SALIVA: names("spit; oral fluid; saliva sample", "だえき; 唾液検体; つば; だ液"),
    SPUTUM: names("phlegm; expectoration", "痰; たん; かくたん; 喀たん"),
    NASAL_SWAB: names(
      "nose swab; swab; nasopharyngeal swab; nasal sample",
      "鼻咽頭ぬぐい液; 鼻ぬぐい液; スワブ; ぬぐい液; 鼻汁",
    ),
    BREAST_MILK: names("human milk; milk; mother's milk", "ぼにゅう; 母乳検体; 乳汁"),
    HAIR: names("hairs; scalp hair", "髪の毛; 髪; 毛; かみのけ; もうはつ"),
  },
  SAMPLE_ORIGIN: {
    TUMOUR: names(
      "tumor; tumour tissue; tumor tissue; cancer tissue; cancerous; lesion; malignant part",
      "腫瘍; 腫瘍組織; がん組織; 癌部; がん部; 病変部; しゅよう",
    ),
    NORMAL: names(
      "normal tissue; healthy tissue; matched normal; adjacent normal; germline; non-tumour",
      "正常; 正常組織; 非腫瘍部; 非がん部; 対照組織; 正常部位; 健常部",
    ),
  },
  STORAGE: {
    ROOM: names("ambient; ambient temperature; RT; 20 degrees", "常温; しつおん; 20℃"),
    PLUS_4: names("fridge; refrigerator; refrigerated; 4 degrees; 4C; cooled", "冷蔵; 冷蔵庫; 4度; れいぞう"),
    MINUS_20: names("freezer; -20; -20 °C; minus 20; -20C; frozen", "冷凍; 冷凍庫; -20℃; マイナス20度; れいとう"),
    MINUS_80: names(
      "-80; -80 °C; minus 80; deep freezer; ultra-low freezer; -80C; deep frozen; ULT freezer",
      "-80℃; マイナス80度; ディープフリーザー; 超低温; 超低温冷凍庫; 深冷凍",
    ),
    LN2: names(
      "LN2; nitrogen; liquid N2; vapour phase; vapor phase nitrogen; -196; cryogenic; cryo; cryopreserved",
      "液体チッ素; 液窒; 窒素; 気相窒素; -196℃; 凍結保存; えきたいちっそ",
    ),
  },
} as const satisfies { readonly [F in FieldName]?: { readonly [value: string]: OtherNames } };

/** Other names of the programmes that the vocabulary knows. */
export const OTHER_PROGRAMME_NAMES: { readonly [programme: string]: OtherNames } = {
  CONTROL_GROUP: names("controls; control; healthy controls; national control group", "対照群; コントロール; 健常対照"),
  PUBLIC_PRIVATE_100K: names(
    "100,000 genomes; 100K genomes; public-private partnership; 100k whole genomes",
    "10万人全ゲノム; 官民共同; 10万人; 官民10万人",
  ),
  CANCER_WGS: names(
    "cancer genome; cancer genomes; cancer whole genome sequencing; G-CAT",
    "がんゲノム; がん全ゲノム; 癌ゲノム; がんの全ゲノム",
  ),
  CANCER_WGS_HEREDITARY: names("hereditary cancer; hereditary cancer genomes", "遺伝性がん; 遺伝性腫瘍"),
  CANCER_WGS_INTRACTABLE: names("intractable cancer; refractory cancer genomes", "難治性がん; 難治がん"),
  CANCER_WGS_FY2021: names("cancer genomes 2021", "がん全ゲノム 令和3年度"),
  RARE_DISEASE_WGS: names(
    "rare disease genomes; rare diseases; intractable diseases; undiagnosed diseases; IRUD",
    "難病ゲノム; 難病; 難病全ゲノム; 希少疾患; 未診断疾患",
  ),
  RARE_DISEASE_WGS_FY2020: names("rare disease genomes 2020", "難病全ゲノム 令和2年度"),
  RARE_DISEASE_WGS_FY2021: names("rare disease genomes 2021", "難病全ゲノム 令和3年度"),
};

/** Other names of the fields: a hit on one of these is a hit on each of the field's values. */
export const OTHER_FIELD_NAMES: { readonly [F in FieldName]?: OtherNames } = {
  SAMPLE_TYPE: names("sample; specimen; biospecimen; material; sample types", "検体; 試料; 検体種別; 生体試料"),
  STORAGE: names("storage temperature; storage condition; temperature", "保存温度; 保管条件; 保存条件"),
  DATA: names("omics; omics data; analysis data", "オミックス; オミックスデータ; 解析データ"),
  USE: names("permitted use; consent; permission", "同意; 利用範囲; 同意範囲"),
  SEX: names("gender", "男女"),
};
