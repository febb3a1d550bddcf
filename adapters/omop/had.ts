/** The statuses of a diagnosis that say that it was had: concepts of OMOP's vocabulary Condition Status. */
export const HAD: readonly number[] = [
  32_891, // Cause of death
  32_893, // Confirmed diagnosis
  32_894, // Contributory cause of death
  32_895, // Death diagnosis
  32_896, // Discharge diagnosis
  32_897, // Immediate cause of death
  32_898, // Postoperative diagnosis
  32_902, // Primary diagnosis
  32_903, // Primary discharge diagnosis
  32_906, // Resolved condition
  32_908, // Secondary diagnosis
  32_909, // Secondary discharge diagnosis
  32_911, // Underlying cause of death
  4_230_359, // Final diagnosis
];
