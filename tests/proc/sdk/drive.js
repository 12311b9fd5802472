// Drives a running node through the published SDK's own clients and asserts every answer.
// argv: directory that holds node_modules, then the base URLs of the nodes: what is written goes to the first, what is read is asked
// of all in turn, of each once it has reached the height of the first. Prints one line per step; the last is "done".
'use strict';
const assert = require('assert');
const path = require('path');

const [, , root, ...nodes] = process.argv;
const sdk = require(path.join(root, 'node_modules', '@internet-of-people', 'sdk'));
const { Ark, Coeus, Crypto, Layer1, Layer2, NetworkConfig } = sdk;

const NETWORK = 'HYD testnet';
const GENESIS = 'scout try doll stuff cake welcome random taste load town clerk ostrich';
const UNLOCK = 'unlock';
const UNKNOWN = '0'.repeat(64);
const DEADLINE_MS = 20000;

const say = (text) => process.stdout.write(`${text}\n`);

const until = async (what, probe) => {
  const start = Date.now();
  for (;;) {
    const found = await probe();
    if (found) {
      return found;
    }
    assert.ok(Date.now() - start < DEADLINE_MS, `${what} did not happen in time`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
};

// One client made of those of all nodes.
const spread = (clients, heads) => {
  let turn = 0;
  const read = async (name, args) => {
    const index = turn % clients.length;
    turn += 1;
    if (index > 0) {
      const height = await heads[0].getCurrentHeight();
      await until(`height ${height} of ${nodes[index]}`, async () => await heads[index].getCurrentHeight() >= height);
    }
    return clients[index][name](...args);
  };
  return new Proxy(clients[0], {
    get: (first, name) => (name.startsWith('send') ? first[name].bind(first) : (...args) => read(name, args)),
  });
};

const rejects = async (promise, pattern) => {
  await assert.rejects(promise, (error) => {
    assert.match(String(error.message || error), pattern);
    return true;
  });
};

const main = async () => {
  const configs = nodes.map((url) => NetworkConfig.fromUrl(
    url.slice(0, url.lastIndexOf(':')), Number(url.slice(url.lastIndexOf(':') + 1)),
  ));
  const heads = await Promise.all(configs.map((config) => Layer1.createApi(config)));
  const api = spread(heads, heads);
  const morpheus = spread(configs.map((config) => new Layer2.MorpheusApi(config)), heads);
  const coeus = spread(configs.map((config) => new Layer2.CoeusApi(config)), heads);
  const forged = async (id) => {
    const found = await until(`transaction ${id}`, async () => {
      const status = await api.getTxnStatus(id);
      return status.isPresent() && status.get();
    });
    assert.ok(found.confirmations >= 1);
    return found;
  };
  const confirmed = async (id) => {
    await forged(id);
    return (await morpheus.getTxnStatus(id)).get();
  };

  const crypto = await api.getNodeCryptoConfig();
  assert.strictEqual(crypto.network.pubKeyHash, 128);
  assert.strictEqual(typeof await api.getCurrentHeight(), 'number');
  say('configuration');

  const vault = Crypto.Vault.create(Crypto.Seed.demoPhrase(), '', UNLOCK);
  const parameters = new Crypto.HydraParameters(NETWORK, 0);
  Crypto.HydraPlugin.init(vault, UNLOCK, parameters);
  const hydra = Crypto.HydraPlugin.get(vault, parameters);
  const hydraPrivate = hydra.priv(UNLOCK);
  const address = hydraPrivate.key(0).neuter().address;
  const second = hydraPrivate.key(1).neuter().address;
  Crypto.MorpheusPlugin.init(vault, UNLOCK);
  const plugin = Crypto.MorpheusPlugin.get(vault);
  const priv = plugin.priv(UNLOCK);
  const [one, two, three] = [0, 1, 2].map((index) => priv.personas.key(index).neuter().publicKey());
  const did = priv.personas.did(0);
  say('vault');

  const rich = Ark.Identities.Address.fromPassphrase(GENESIS);
  const wif = Ark.Identities.WIF.fromPassphrase(GENESIS);
  const before = await api.getWalletBalance(rich);
  assert.ok(before > BigInt(1e15));
  assert.ok(!(await api.getWallet(address)).isPresent());
  assert.strictEqual(await api.getWalletNonce(address), BigInt(0));
  assert.ok(!(await api.getTxnStatus(UNKNOWN)).isPresent());
  await forged(await api.sendTransferTxWithWIF(wif, address, BigInt(500e8)));
  await forged(await api.sendTransferTxWithPassphrase(GENESIS, address, BigInt(1)));
  assert.strictEqual(await api.getWalletBalance(address), BigInt(500e8) + BigInt(1));
  assert.strictEqual(await api.getWalletBalance(rich), before - BigInt(500e8) - BigInt(1) - BigInt(0.2e8));
  say('transfer from a passphrase');

  const paid = await api.sendTransferTx(address, second, BigInt(7), hydraPrivate, undefined, 'note');
  const status = await forged(paid);
  assert.strictEqual(status.vendorField, 'note');
  assert.strictEqual(status.sender, address);
  assert.strictEqual(status.recipient, second);
  assert.strictEqual(status.amount, '7');
  assert.strictEqual(await api.getWalletBalance(second), BigInt(7));
  say('transfer from a vault');

  await rejects(
    api.sendTransferTx(address, second, BigInt(1e17), hydraPrivate), /Insufficient balance/,
  );
  await rejects(
    api.sendTransferTx(address, second, BigInt(7), hydraPrivate, BigInt(999)), /nonce 999/,
  );
  await rejects(
    api.sendVoteTx(address, hydraPrivate.key(1).neuter().publicKey(), hydraPrivate), /delegate/,
  );
  await rejects(api.sendMorpheusTx(second, {}, hydraPrivate), /Low balance/);
  say('refusals of layer 1');

  const content = Crypto.digestJson({ some: 'content' });
  assert.strictEqual(await morpheus.beforeProofExists(content), false);
  assert.strictEqual((await morpheus.getBeforeProofHistory(content)).existsFromHeight, null);
  const proof = new Crypto.MorpheusAssetBuilder();
  proof.addRegisterBeforeProof(content);
  const proofId = await api.sendMorpheusTx(address, proof.build(), hydraPrivate);
  assert.strictEqual(await confirmed(proofId), true);
  const history = await morpheus.getBeforeProofHistory(content);
  assert.strictEqual(history.txid, proofId);
  assert.strictEqual(await morpheus.beforeProofExists(content, history.existsFromHeight), true);
  assert.strictEqual(await morpheus.beforeProofExists(content, history.existsFromHeight - 1), false);
  const again = await api.sendMorpheusTxWithPassphrase(
    new Layer1.OperationAttemptsBuilder().registerBeforeProof(content).getAttempts(), GENESIS,
  );
  assert.strictEqual(await confirmed(again), false);
  assert.ok(!(await morpheus.getTxnStatus(paid)).isPresent());
  say('before-proof, and the same one rejected');

  const attempts = (lastTxId, signer, build) => build(
    new Layer1.OperationAttemptsBuilder().signWith(priv).on(did, lastTxId),
  ).sign(signer.keyId()).getAttempts();
  const send = async (data) => api.sendMorpheusTx(address, { operationAttempts: data }, hydraPrivate);

  const implicit = await morpheus.getDidDocument(did);
  assert.strictEqual(implicit.toData().keys.length, 1);
  assert.strictEqual(await morpheus.getLastTxId(did), null);
  assert.deepStrictEqual(await morpheus.getDidTransactionIds(did, 0), []);
  const add = attempts(null, one, (ops) => ops.addKey(two.keyId(), 1000000).addRight(two, 'update'));
  assert.deepStrictEqual(await morpheus.checkTransactionValidity(add), []);
  const addId = await send(add);
  assert.strictEqual(await confirmed(addId), true);
  assert.strictEqual(await morpheus.getLastTxId(did), addId);
  const added = await morpheus.getDidDocument(did);
  const height = added.toData().keys[1].validFromHeight;
  assert.strictEqual(added.hasRightAt(two, 'update', height), true);
  assert.strictEqual(added.hasRightAt(two, 'impersonate', height), false);
  assert.strictEqual((await morpheus.getDidDocument(did, height - 1)).toData().keys.length, 1);
  assert.strictEqual((await morpheus.getDidDocument(did, height + 5)).height, height + 5);
  say('add key, add right');

  const refused = await morpheus.checkTransactionValidity(add);
  assert.strictEqual(refused.length, 1);
  assert.match(refused[0].message, /was attempted on an implicit document, but it last changed/);
  const rejectedId = await send(add);
  assert.strictEqual(await confirmed(rejectedId), false);
  assert.strictEqual(await morpheus.getLastTxId(did), addId);
  const stranger = attempts(addId, three, (ops) => ops.addKey(three.keyId()));
  assert.match((await morpheus.checkTransactionValidity(stranger))[0].message, /has no right to update/);
  say('dry run and a rejected transaction');

  const rightId = await send(attempts(addId, two, (ops) => ops.revokeRight(one, 'impersonate')));
  assert.strictEqual(await confirmed(rightId), true);
  const own = attempts(rightId, two, (ops) => ops.revokeKey(two));
  assert.match((await morpheus.checkTransactionValidity(own))[0].message, /cannot modify its own/);
  const keyId = await send(attempts(rightId, two, (ops) => ops.revokeKey(one)));
  assert.strictEqual(await confirmed(keyId), true);
  const revoked = await morpheus.getDidDocument(did);
  assert.strictEqual(revoked.toData().keys[0].valid, false);
  assert.strictEqual(revoked.hasRightAt(one, 'update', revoked.height), false);
  assert.strictEqual(revoked.hasRightAt(two, 'update', revoked.height), true);
  say('revoke');

  const tombId = await send(attempts(keyId, two, (ops) => ops.tombstoneDid()));
  assert.strictEqual(await confirmed(tombId), true);
  const dead = await morpheus.getDidDocument(did);
  assert.strictEqual(dead.isTombstonedAt(dead.height), true);
  assert.strictEqual(dead.isTombstonedAt(height), false);
  assert.strictEqual(dead.hasRightAt(two, 'update', dead.height), false);
  say('tombstone');

  const ids = (rows) => rows.map((row) => row.transactionId);
  assert.deepStrictEqual(ids(await morpheus.getDidTransactionIds(did, 0)), [tombId, keyId, rightId, addId]);
  assert.deepStrictEqual(ids(await morpheus.getDidTransactionIds(did, height, height)), [addId]);
  assert.deepStrictEqual(
    ids(await morpheus.getDidTransactionAttemptIds(did, 0)),
    [tombId, keyId, rightId, rejectedId, addId],
  );
  const operations = await morpheus.getDidOperations(did, 0);
  assert.deepStrictEqual(
    operations.map((row) => row.data.operation),
    ['tombstoneDid', 'revokeKey', 'revokeRight', 'addRight', 'addKey'],
  );
  assert.ok(operations.every((row) => row.valid));
  const tried = await morpheus.getDidOperationAttempts(did, 0);
  assert.strictEqual(tried.filter((row) => !row.valid).length, 2);
  say('history and operations');

  const { DomainName, Principal, SubtreePolicies, UserOperation } = Coeus;
  const name = new DomainName('.schema.iop');
  const owner = Coeus.PublicKey.fromSecp(hydra.pub.keyByAddress(address).publicKey());
  const heir = Coeus.PublicKey.fromSecp(hydra.pub.keyByAddress(second).publicKey());
  const register = (label, data, expires, policies = new SubtreePolicies()) => UserOperation.register(
    new DomainName(label), Principal.publicKey(owner), policies, data, expires,
  );
  const named = async (operations, from = address, nonce = undefined) => {
    const id = await api.sendCoeusTx(from, operations, hydraPrivate, undefined, nonce);
    await forged(id);
    return (await coeus.getTxnStatus(id)).get();
  };
  await rejects(coeus.resolve(name), /404/);
  await rejects(coeus.getMetadata(name), /404/);
  await rejects(coeus.getChildren(name), /404/);
  assert.strictEqual(await coeus.getLastNonce(owner), BigInt(0));
  const expires = (await api.getCurrentHeight()) + 500;
  const open = new SubtreePolicies().withSchema({ type: 'object' }).withExpiration(6000000);
  assert.strictEqual(await named([register('.schema.iop', { type: 'number' }, expires, open)]), true);
  assert.deepStrictEqual(await coeus.resolve(name), { type: 'number' });
  assert.deepStrictEqual(await coeus.getChildren(new DomainName('.schema')), ['iop']);
  assert.deepStrictEqual(await coeus.getMetadata(name), {
    owner: owner.toString(),
    subtreePolicies: { expiration: 6000000, schema: { type: 'object' } },
    registrationPolicy: 'owner',
    expiresAtHeight: expires,
  });
  assert.strictEqual(await coeus.getLastNonce(owner), BigInt(1));
  assert.ok(!(await coeus.getTxnStatus(paid)).isPresent());
  assert.ok(!(await coeus.getTxnStatus(UNKNOWN)).isPresent());
  say('names: register');

  assert.strictEqual(await named([UserOperation.update(name, { type: 'string' })]), true);
  assert.deepStrictEqual(await coeus.resolve(name), { type: 'string' });
  assert.strictEqual(await named([UserOperation.renew(name, expires + 100)]), true);
  assert.strictEqual((await coeus.getMetadata(name)).expiresAtHeight, expires + 100);
  const room = new DomainName('.schema.iop.room');
  assert.strictEqual(await named([
    register('.schema.iop.room', {}, expires), UserOperation.update(name, { type: 'object' }),
  ]), true);
  assert.deepStrictEqual(await coeus.getChildren(name), ['room']);
  assert.deepStrictEqual(await coeus.resolve(room), {});
  assert.strictEqual(await coeus.getLastNonce(owner), BigInt(4));
  say('names: update, renew, several at once');

  const hopeless = {
    taken: [register('.schema.iop', {}, expires)],
    'no schema': [UserOperation.update(name, { type: 7 })],
    'against the policy above': [register('.schema.iop.bar', 5, expires)],
    'too long': [register('.schema.iop.bar', {}, expires + 6000000)],
    'top level': [register('.iop', {}, expires)],
    'not there': [UserOperation.delete(new DomainName('.schema.nothing'))],
    'to the system': [UserOperation.transfer(name, Principal.system())],
    'made in the same bundle': [register('.schema.bar', {}, expires), UserOperation.update(new DomainName('.schema.bar'), {})],
    'half of it': [UserOperation.update(name, { title: 'x' }), UserOperation.delete(new DomainName('.schema'))],
  };
  for (const [why, operations] of Object.entries(hopeless)) {
    assert.strictEqual(await named(operations), false, why);
  }
  assert.strictEqual(await named([UserOperation.update(name, {})], address, BigInt(99)), false);
  assert.deepStrictEqual(await coeus.resolve(name), { type: 'object' });
  assert.strictEqual(await coeus.getLastNonce(owner), BigInt(4));
  say('names: rejected');

  await forged(await api.sendTransferTx(address, second, BigInt(10e8), hydraPrivate));
  assert.strictEqual(await named([UserOperation.transfer(name, Principal.publicKey(heir))]), true);
  assert.strictEqual((await coeus.getMetadata(name)).owner, heir.toString());
  assert.strictEqual(await named([UserOperation.update(name, {})]), false);
  assert.strictEqual(await coeus.getLastNonce(heir), BigInt(0));
  assert.strictEqual(await named([UserOperation.update(name, {})], second), true);
  assert.strictEqual(await coeus.getLastNonce(heir), BigInt(1));
  say('names: transfer');

  assert.strictEqual(await named([UserOperation.delete(name)], second), true);
  await rejects(coeus.resolve(name), /404/);
  await rejects(coeus.resolve(room), /404/);
  assert.deepStrictEqual(await coeus.getChildren(new DomainName('.schema')), []);
  say('names: delete');

  await rejects(morpheus.getDidDocument('did:morpheus:nonsense'), /Http 500/);
  await rejects(api.getTxnStatus('short'), /Http 422/);
  assert.throws(() => new DomainName('.schema.Iop'), /lowercase/);
  say('errors');
  say('done');
};

main().catch((error) => {
  process.stderr.write(`${error.stack || error}\n`);
  process.exitCode = 1;
});
