// Rates of the original SDK under Node.js; argv[2] holds node_modules, argv[3] is a file with one statement a line.
'use strict';
const fs = require('fs');
const path = require('path');
const { Crypto } = require(path.join(process.argv[2], 'node_modules', '@internet-of-people', 'sdk'));

const statements = fs.readFileSync(process.argv[3], 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const phrase = 'include pear escape sail spy orange cute despair witness trouble sleep torch '
  + 'wire burst unable brass expose fiction drift clock duck oxygen aerobic already';
const vault = Crypto.Vault.create(phrase, '', 'bench');
Crypto.MorpheusPlugin.init(vault, 'bench');
const plugin = Crypto.MorpheusPlugin.get(vault);
const priv = plugin.priv('bench');
const key = plugin.pub.personas.key(0);
const id = key.keyId();
const secret = priv.personas.key(0).privateKey();
const message = new Uint8Array(1024).fill(7);
const signature = secret.signEcdsa(message);

const rate = (work) => {
  let done = 0;
  const start = process.hrtime.bigint();
  let spent = 0;
  while (spent < 1.0) {
    for (let i = 0; i < 50; i += 1) work(done + i);
    done += 50;
    spent = Number(process.hrtime.bigint() - start) / 1e9;
  }
  return done / spent;
};

process.stdout.write(`${JSON.stringify({
  digest: rate((i) => Crypto.digestJson(statements[i % statements.length])),
  sign: rate(() => secret.signEcdsa(message).free()),
  verify: rate(() => key.validateEcdsa(message, signature)),
  statement: rate((i) => priv.signWitnessStatement(id, statements[i % statements.length]).free()),
})}\n`);
