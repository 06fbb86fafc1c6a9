/**
 * Checks of the MLS vectors without a tree: primitives, lengths, key schedule, pre-shared keys, secret tree, transcript, message protection, Welcome.
 * Sources: RFC 9420 and test-vectors.md of mlswg/mls-implementations.
 * @module
 */
import * as mls from '../../../packages/lab/src/mls/internals.ts';
import { ALL_SUITES, base64, groupContext, hex, ofSuites, some, suiteOf, vectorCheck } from './vectors.ts';
import type { Tally } from './vectors.ts';

interface CryptoBasics {
  readonly cipher_suite: number;
  readonly ref_hash: { readonly label: string; readonly value: string; readonly out: string };
  readonly expand_with_label: { readonly secret: string; readonly label: string; readonly context: string; readonly length: number; readonly out: string };
  readonly derive_secret: { readonly secret: string; readonly label: string; readonly out: string };
  readonly derive_tree_secret: { readonly secret: string; readonly label: string; readonly generation: number; readonly length: number; readonly out: string };
  readonly sign_with_label: { readonly priv: string; readonly pub: string; readonly content: string; readonly label: string; readonly signature: string };
  readonly encrypt_with_label: {
    readonly priv: string; readonly pub: string; readonly label: string; readonly context: string; readonly plaintext: string;
    readonly kem_output: string; readonly ciphertext: string;
  };
}

export const cryptoBasics = vectorCheck<CryptoBasics>({
  file: 'crypto-basics',
  claim: 'hashes and derived secrets are equal; signatures and ciphertexts of the vector and of ours open',
  vectors: 7,
  comparisons: 56,
  damaged: ofSuites(ALL_SUITES),
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree, sign_with_label: sign, encrypt_with_label: seal } = v;
    tally.bytes('ref_hash', await mls.refhash(ref.label, hex(ref.value), cs.hash), ref.out);
    tally.bytes('expand_with_label', await mls.expandWithLabel(hex(expand.secret), expand.label, hex(expand.context), expand.length, cs.kdf), expand.out);
    tally.bytes('derive_secret', await mls.deriveSecret(hex(derive.secret), derive.label, cs.kdf), derive.out);
    tally.bytes('derive_tree_secret', await mls.deriveTreeSecret(hex(tree.secret), tree.label, tree.generation, tree.length, cs.kdf), tree.out);

    const ours = await mls.signWithLabel(hex(sign.priv), sign.label, hex(sign.content), cs.signature);
    for (const signature of [hex(sign.signature), ours]) {
      tally.holds('sign_with_label', await mls.verifyWithLabel(hex(sign.pub), sign.label, hex(sign.content), signature, cs.signature));
    }

    const sealed = await mls.encryptWithLabel(await cs.hpke.importPublicKey(hex(seal.pub)), seal.label, hex(seal.context), hex(seal.plaintext), cs.hpke);
    for (const { enc, ct } of [{ enc: hex(seal.kem_output), ct: hex(seal.ciphertext) }, sealed]) {
      tally.bytes('encrypt_with_label', await mls.decryptWithLabel(await cs.hpke.importPrivateKey(hex(seal.priv)), seal.label, hex(seal.context), enc, ct, cs.hpke), seal.plaintext);
    }
  },
});

interface Deserialization {
  readonly vlbytes_header: string;
  readonly length: number;
}

export const deserialization = vectorCheck<Deserialization>({
  file: 'deserialization',
  claim: 'length headers are read, and written to the same bytes',
  vectors: 14,
  comparisons: 42,
  damaged: (vectors) => vectors,
  run(v, tally) {
    const header = hex(v.vlbytes_header);
    const { length, lengthFieldSize } = mls.determineLength(header);
    tally.equal('length', length, v.length);
    tally.equal('size of the header', lengthFieldSize, header.length);
    const [size, write] = mls.lengthEncoder(v.length);
    const written = new Uint8Array(size);
    write(0, written.buffer);
    tally.bytes('header', written, v.vlbytes_header);
    return Promise.resolve();
  },
});

interface Epoch {
  readonly tree_hash: string;
  readonly commit_secret: string;
  readonly psk_secret: string;
  readonly confirmed_transcript_hash: string;
  readonly group_context: string;
  readonly joiner_secret: string;
  readonly welcome_secret: string;
  readonly init_secret: string;
  readonly sender_data_secret: string;
  readonly encryption_secret: string;
  readonly exporter_secret: string;
  readonly epoch_authenticator: string;
  readonly external_secret: string;
  readonly confirmation_key: string;
  readonly membership_key: string;
  readonly resumption_psk: string;
  readonly external_pub: string;
  readonly exporter: { readonly label: string; readonly context: string; readonly length: number; readonly secret: string };
}

interface KeySchedule {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly Epoch[];
}

export const keySchedule = vectorCheck<KeySchedule>({
  file: 'key-schedule',
  claim: 'every secret of every epoch follows from the epoch before it',
  vectors: 7,
  comparisons: 490,
  damaged: ofSuites([1]),
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    let init = hex(v.initial_init_secret);
    for (const [epoch, e] of v.epochs.entries()) {
      const context = groupContext(cs, { groupId: v.group_id, epoch, treeHash: e.tree_hash, transcriptHash: e.confirmed_transcript_hash });
      tally.bytes('group_context', mls.encodeGroupContext(context), e.group_context);
      const secrets = await mls.initializeEpoch(init, hex(e.commit_secret), context, hex(e.psk_secret), cs.kdf);
      const schedule = secrets.keySchedule;
      tally.bytes('joiner_secret', secrets.joinerSecret, e.joiner_secret);
      tally.bytes('welcome_secret', secrets.welcomeSecret, e.welcome_secret);
      tally.bytes('encryption_secret', secrets.encryptionSecret, e.encryption_secret);
      tally.bytes('init_secret', schedule.initSecret, e.init_secret);
      tally.bytes('sender_data_secret', schedule.senderDataSecret, e.sender_data_secret);
      tally.bytes('exporter_secret', schedule.exporterSecret, e.exporter_secret);
      tally.bytes('epoch_authenticator', schedule.epochAuthenticator, e.epoch_authenticator);
      tally.bytes('external_secret', schedule.externalSecret, e.external_secret);
      tally.bytes('confirmation_key', schedule.confirmationKey, e.confirmation_key);
      tally.bytes('membership_key', schedule.membershipKey, e.membership_key);
      tally.bytes('resumption_psk', schedule.resumptionPsk, e.resumption_psk);
      const external = await cs.hpke.deriveKeyPair(schedule.externalSecret);
      tally.bytes('external_pub', await cs.hpke.exportPublicKey(external.publicKey), e.external_pub);
      const { exporter } = e;
      tally.bytes('exporter', await mls.mlsExporter(schedule.exporterSecret, exporter.label, hex(exporter.context), exporter.length, cs), exporter.secret);
      init = new Uint8Array(schedule.initSecret);
    }
  },
});

interface PskSecret {
  readonly cipher_suite: number;
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[];
  readonly psk_secret: string;
}

export const pskSecret = vectorCheck<PskSecret>({
  file: 'psk_secret',
  claim: 'the secret of 0 to 10 pre-shared keys is equal, given directly and found by their identifiers',
  vectors: 77,
  comparisons: 154,
  damaged: ofSuites(ALL_SUITES, (vectors: readonly PskSecret[]) => vectors.filter(({ psks }) => psks.length === 3)),
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const psks = v.psks.map((p): [mls.PreSharedKeyID, Uint8Array] => [{ psktype: 'external', pskId: hex(p.psk_id), pskNonce: hex(p.psk_nonce) }, hex(p.psk)]);
    tally.bytes('psk_secret', await mls.computePskSecret(psks, cs), v.psk_secret);
    const index = mls.makePskIndex(undefined, Object.fromEntries(v.psks.map((p) => [base64(p.psk_id), hex(p.psk)])));
    const [found] = await mls.accumulatePskSecret(psks.map(([id]) => id), index, cs, new Uint8Array(cs.kdf.size));
    tally.bytes('psk_secret by identifiers', found, v.psk_secret);
  },
});

interface SecretTree {
  readonly cipher_suite: number;
  readonly encryption_secret: string;
  readonly sender_data: { readonly sender_data_secret: string; readonly ciphertext: string; readonly key: string; readonly nonce: string };
  readonly leaves: readonly (readonly {
    readonly generation: number; readonly application_key: string; readonly application_nonce: string; readonly handshake_key: string; readonly handshake_nonce: string;
  }[])[];
}

export const secretTree = vectorCheck<SecretTree>({
  file: 'secret-tree',
  claim: 'sender data keys and the keys of every leaf are equal, received at a generation and sent in order',
  vectors: 21,
  comparisons: 5_803,
  damaged: ofSuites([1], (vectors: readonly SecretTree[]) => vectors.filter(({ leaves }) => leaves.length === 8)),
  blind: { 'sender_data.ciphertext': 'keys depend on its first bytes only, as many as the hash is long (§6.3.2)' },
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const { sender_data_secret: secret, ciphertext, key, nonce } = v.sender_data;
    tally.bytes('sender data key', await mls.expandSenderDataKey(cs, hex(secret), hex(ciphertext)), key);
    tally.bytes('sender data nonce', await mls.expandSenderDataNonce(cs, hex(secret), hex(ciphertext)), nonce);
    const tree = await mls.createSecretTree(v.leaves.length, hex(v.encryption_secret), cs.kdf);
    tally.equal('nodes', tree.length, mls.nodeWidth(v.leaves.length));
    for (const [leafIndex, generations] of v.leaves.entries()) {
      let sent = tree;
      for (const g of generations) {
        const application = { leafIndex, generation: g.generation, key: g.application_key, nonce: g.application_nonce };
        const handshake = { leafIndex, generation: g.generation, key: g.handshake_key, nonce: g.handshake_nonce };
        await receivedKeys(tree, 'application', application, cs, tally);
        await receivedKeys(tree, 'proposal', handshake, cs, tally);
        sent = await sentKeys(sent, 'application', application, cs, tally);
        sent = await sentKeys(sent, 'commit', handshake, cs, tally);
      }
    }
  },
});

type Content = 'application' | 'proposal' | 'commit';

interface ExpectedKeys {
  readonly leafIndex: number;
  readonly generation: number;
  readonly key: string;
  readonly nonce: string;
}

async function receivedKeys(tree: mls.SecretTree, content: Content, expected: ExpectedKeys, cs: mls.CiphersuiteImpl, tally: Tally): Promise<void> {
  const { leafIndex, generation } = expected;
  const noGuard = new Uint8Array(4) as mls.ReuseGuard;
  const keys = await mls.ratchetToGeneration(tree, { leafIndex, generation, reuseGuard: noGuard }, content, mls.defaultKeyRetentionConfig, cs);
  tally.bytes(`${content} key received`, keys.key, expected.key);
  tally.bytes(`${content} nonce received`, keys.nonce, expected.nonce);
}

/** Sends up to the generation. The sender draws a reuse guard and mixes it into the nonce (§6.3.1): it is taken out again. @returns the tree after */
async function sentKeys(tree: mls.SecretTree, content: Content, expected: ExpectedKeys, cs: mls.CiphersuiteImpl, tally: Tally): Promise<mls.SecretTree> {
  const node = mls.leafToNodeIndex(mls.toLeafIndex(expected.leafIndex));
  let at = await mls.consumeRatchet(tree, node, content, cs);
  while (at.generation < expected.generation) at = await mls.consumeRatchet(at.newTree, node, content, cs);
  tally.equal('generation sent', at.generation, expected.generation);
  tally.bytes(`${content} key sent`, at.key, expected.key);
  tally.bytes(`${content} nonce sent`, at.nonce.map((byte, i) => byte ^ (at.reuseGuard[i] ?? 0)), expected.nonce);
  return at.newTree;
}

interface TranscriptHashes {
  readonly cipher_suite: number;
  readonly confirmation_key: string;
  readonly authenticated_content: string;
  readonly interim_transcript_hash_before: string;
  readonly confirmed_transcript_hash_after: string;
  readonly interim_transcript_hash_after: string;
}

export const transcriptHashes = vectorCheck<TranscriptHashes>({
  file: 'transcript-hashes',
  claim: 'both hashes follow from the commit, and its confirmation tag is verified and made again',
  vectors: 7,
  comparisons: 42,
  damaged: ofSuites(ALL_SUITES),
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const content = tally.whole('authenticated_content', v.authenticated_content, mls.decodeAuthenticatedContent, mls.encodeAuthenticatedContent);
    if (content.content.contentType !== 'commit' || content.auth.contentType !== 'commit') throw new Error('authenticated_content: no commit');
    const { signature, confirmationTag } = content.auth;
    const confirmed = await mls.createConfirmedHash(hex(v.interim_transcript_hash_before), { wireformat: content.wireformat, content: content.content, signature }, cs.hash);
    tally.bytes('confirmed_transcript_hash_after', confirmed, v.confirmed_transcript_hash_after);
    tally.bytes('interim_transcript_hash_after', await mls.createInterimHash(confirmed, confirmationTag, cs.hash), v.interim_transcript_hash_after);
    tally.holds('confirmation tag', await mls.verifyConfirmationTag(hex(v.confirmation_key), confirmationTag, hex(v.confirmed_transcript_hash_after), cs.hash));
    const made = await mls.createConfirmationTag(hex(v.confirmation_key), confirmed, cs.hash);
    tally.bytes('confirmation tag made', made, Buffer.from(confirmationTag).toString('hex'));
  },
});

interface Welcome {
  readonly cipher_suite: number;
  readonly init_priv: string;
  readonly key_package: string;
  readonly signer_pub: string;
  readonly welcome: string;
}

export const welcome = vectorCheck<Welcome>({
  file: 'welcome',
  claim: 'the Welcome opens, its group is signed and confirmed, and the same Welcome made again opens to the same',
  vectors: 7,
  comparisons: 70,
  damaged: ofSuites(ALL_SUITES),
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const message = tally.whole('welcome', v.welcome, mls.decodeMlsMessage, mls.encodeMlsMessage);
    const packaged = tally.whole('key_package', v.key_package, mls.decodeMlsMessage, mls.encodeMlsMessage);
    if (message.wireformat !== 'mls_welcome' || packaged.wireformat !== 'mls_key_package') throw new Error('not a Welcome and a KeyPackage');
    tally.equal('suite', message.welcome.cipherSuite, cs.name);
    tally.holds('signature of the KeyPackage', await mls.verifyKeyPackage(packaged.keyPackage, cs.signature));
    const ref = await mls.makeKeyPackageRef(packaged.keyPackage, cs.hash);
    const noPsk = new Uint8Array(cs.kdf.size);
    const secrets = some('group secrets', await mls.decryptGroupSecrets(await cs.hpke.importPrivateKey(hex(v.init_priv)), ref, message.welcome, cs.hpke));
    const info = some('group info', await mls.decryptGroupInfo(message.welcome, secrets.joinerSecret, noPsk, cs));
    tally.holds('signature', await mls.verifyGroupInfoSignature(info, hex(v.signer_pub), cs.signature));
    tally.holds('confirmation tag', await mls.verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, noPsk, cs));

    const encryptedGroupInfo = await mls.encryptGroupInfo(info, await mls.extractWelcomeSecret(secrets.joinerSecret, noPsk, cs.kdf), cs);
    tally.bytes('group info sealed again', encryptedGroupInfo, Buffer.from(message.welcome.encryptedGroupInfo).toString('hex'));
    const sealed = await mls.encryptGroupSecrets(await cs.hpke.importPublicKey(packaged.keyPackage.initKey), encryptedGroupInfo, secrets, cs.hpke);
    const ours = { cipherSuite: cs.name, secrets: [{ newMember: ref, encryptedGroupSecrets: { kemOutput: sealed.enc, ciphertext: sealed.ct } }], encryptedGroupInfo };
    const opened = some('group secrets of ours', await mls.decryptGroupSecrets(await cs.hpke.importPrivateKey(hex(v.init_priv)), ref, ours, cs.hpke));
    tally.bytes('group secrets of ours', mls.encodeGroupSecrets(opened), Buffer.from(mls.encodeGroupSecrets(secrets)).toString('hex'));
  },
});
