/** A bank.yaml that cannot be used: every fault with its line, the field and what would be right. */
export class BankYamlError extends Error {
  override readonly name = "BankYamlError";
  readonly file: string;
  readonly findings: readonly string[];

  constructor(file: string, findings: readonly string[]) {
    super(`${file}: ${findings.join("\n  ")}`);
    this.file = file;
    this.findings = findings;
  }
}
