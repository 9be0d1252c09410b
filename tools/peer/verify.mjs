// Verifies a quote with another implementation (npm's @phala/dcap-qvl), for tests that hold
// Quoin's answer against it.
//
//   node tools/peer/verify.mjs QUOTE COLLATERAL.json UNIX-TIME [ROOT-CA.der]
//
// Prints one line of JSON. Exit status: 0 genuine, 1 refused, 2 misuse, 77 not installed
// (tools/peer/install).

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [quotePath, collateralPath, time, rootPath] = process.argv.slice(2);
if (!/^[0-9]+$/.test(time ?? '')) {
  console.error('usage: verify.mjs QUOTE COLLATERAL.json UNIX-TIME [ROOT-CA.der]');
  process.exit(2);
}

let peer;
try {
  peer = createRequire(new URL('../../build/peer/', import.meta.url))('@phala/dcap-qvl');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
  console.log('@phala/dcap-qvl is not installed; tools/peer/install does that');
  process.exit(77);
}

const quote = readFileSync(quotePath);
const collateral = JSON.parse(readFileSync(collateralPath, 'utf8'));
const verifier = new peer.QuoteVerifier(rootPath ? readFileSync(rootPath) : undefined);
try {
  const { status, advisory_ids: advisories } = verifier.verify(quote, collateral, Number(time));
  console.log(JSON.stringify({ genuine: true, status, advisories: [...advisories].sort() }));
} catch (error) {
  console.log(JSON.stringify({ genuine: false, reason: String(error.message ?? error) }));
  process.exit(1);
}
