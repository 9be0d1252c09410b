// What @phala/dcap-qvl says of a quote:
//
//   node peer_verify.mjs QUOTE BUNDLE ROOT NOW
//
// QUOTE is a file with the quote, BUNDLE one with the collateral as JSON, ROOT one with the trusted
// root certificate in DER, or the word "intel" for Intel's; NOW is in seconds since 1970. Prints
// the TCB status (exit status 0), or "refused: " and why (exit status 1).

import { readFileSync } from "node:fs";
import process from "node:process";
import dcapQvl from "@phala/dcap-qvl";

if (process.argv.length !== 6) {
  console.error("usage: node peer_verify.mjs QUOTE BUNDLE ROOT NOW");
  process.exit(2);
}
const [quote, bundle, root, now] = process.argv.slice(2);
const verifier =
  root === "intel"
    ? dcapQvl.QuoteVerifier.newProd()
    : dcapQvl.QuoteVerifier.newWithRootCa(readFileSync(root));
const collateral = JSON.parse(readFileSync(bundle, "utf8"));
try {
  console.log(verifier.verify(readFileSync(quote), collateral, Number(now)).status);
} catch (error) {
  console.log(`refused: ${error.message}`);
  process.exitCode = 1;
}
