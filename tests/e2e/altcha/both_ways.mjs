// SPDX-License-Identifier: ISC
// Solves a challenge as altcha-lib does, and says whether it finds challenge
// and solution well signed.  Reads and writes JSON.
import { createRequire } from 'node:module';

const need = createRequire(process.argv[2]);
const { solveChallenge, verifySolution } = need('altcha-lib');
const { deriveKey } = need('altcha-lib/algorithms/sha');

let text = '';
for await (const chunk of process.stdin)
	text += chunk;
const { challenge, secrets } = JSON.parse(text);
const solution = await solveChallenge({ challenge, deriveKey });
const verified = await verifySolution({ challenge, solution, deriveKey,
	hmacSignatureSecret: secrets[0], hmacKeySignatureSecret: secrets[1] });
// Without our key for it, the library derives it anew.
const derived = await verifySolution({ challenge, solution, deriveKey,
	hmacSignatureSecret: secrets[0] });
const payload = Buffer.from(JSON.stringify({ challenge, solution }));
console.log(JSON.stringify({ payload: payload.toString('base64'),
	verified: verified.verified, derived: derived.verified }));
