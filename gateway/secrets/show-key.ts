import { keyId } from "../../net/signing/keys.ts";
import type { Environment } from "../environment.ts";
import { readConfig } from "../settings/config.ts";
import { endWith } from "../start-error.ts";
import { readBankKey } from "./bank-key.ts";

/**
 * `odan key`: prints the public key by which gateways tell a bank, and makes the private key if it does not exist yet.
 * @param file with the private key; null: ODAN_BANK_KEY_FILE
 * @returns 0; a key that cannot be read ends the process
 */
export const showKey = async (
  file: string | null,
  environment: Environment,
  print: (text: string) => void,
): Promise<number> => {
  try {
    // It reads no bank.yaml, so variables that one refers to are not checked.
    const { bankKeyFile } = readConfig(environment, [], Object.keys(environment));
    print(keyId(await readBankKey(file ?? bankKeyFile)));
    return 0;
  } catch (error) {
    return endWith(error);
  }
};
