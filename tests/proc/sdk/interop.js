// Vaults and signatures of the original SDK, for the interoperability test.
// One JSON request on stdin, one JSON answer on stdout; argv[2] is the directory that holds node_modules.
'use strict';
const path = require('path');
const { Crypto } = require(path.join(process.argv[2], 'node_modules', '@internet-of-people', 'sdk'));

const describe = (vault, network) => {
  const morpheus = Crypto.MorpheusPlugin.get(vault);
  const hydra = Crypto.HydraPlugin.get(vault, new Crypto.HydraParameters(network, 0));
  return {
    did: morpheus.pub.personas.did(0).toString(),
    personaCount: morpheus.pub.personas.count,
    publicKey: morpheus.pub.personas.key(0).toString(),
    address: hydra.pub.key(0).address,
  };
};

const verbs = {
  create({ phrase, bip39, unlock, network }) {
    const vault = Crypto.Vault.create(phrase, bip39, unlock);
    Crypto.HydraPlugin.init(vault, unlock, new Crypto.HydraParameters(network, 0));
    Crypto.HydraPlugin.get(vault, new Crypto.HydraParameters(network, 0)).priv(unlock).key(0);
    Crypto.MorpheusPlugin.init(vault, unlock);
    Crypto.MorpheusPlugin.get(vault).priv(unlock).personas.key(0);
    return { vault: vault.save(), ...describe(vault, network) };
  },
  open({ vault, unlock, network }) {
    const opened = Crypto.Vault.load(vault);
    const seed = Buffer.from(opened.unlock(unlock).toBytes()).toString('hex');
    return { seed, ...describe(opened, network) };
  },
  sign({ vault, unlock, statement }) {
    const plugin = Crypto.MorpheusPlugin.get(Crypto.Vault.load(vault));
    const key = plugin.pub.personas.key(0);
    const signed = plugin.priv(unlock).signWitnessStatement(key.keyId(), statement);
    return {
      signature: { publicKey: signed.publicKey.toString(), bytes: signed.signature.toString() },
      content: signed.content,
    };
  },
  verify({ signed }) {
    const { publicKey, bytes } = signed.signature;
    const made = new Crypto.SignedJson(
      new Crypto.PublicKey(publicKey), signed.content, new Crypto.Signature(bytes),
    );
    return { valid: made.validate() };
  },
};

let input = '';
process.stdin.on('data', (part) => { input += part; });
process.stdin.on('end', () => {
  const request = JSON.parse(input);
  process.stdout.write(`${JSON.stringify(verbs[request.verb](request))}\n`);
});
