/**
 * Checks of the MLS vectors about the tree: its arithmetic, the proposals that change it, its validation, and TreeKEM.
 * Sources: RFC 9420 §7, §12.1, Appendix C, and test-vectors.md of mlswg/mls-implementations.
 * @module
 */
import * as mls from '../../../packages/lab/src/mls/internals.ts';
import { ALL_SUITES, Tally, groupContext, hex, ofSuites, readVectors, some, suiteOf, vectorCheck } from './vectors.ts';

interface TreeMath {
  readonly n_leaves: number;
  readonly n_nodes: number;
  readonly root: number;
  readonly left: readonly (number | null)[];
  readonly right: readonly (number | null)[];
  readonly parent: readonly (number | null)[];
  readonly sibling: readonly (number | null)[];
}

export const treeMath = vectorCheck<TreeMath>({
  file: 'tree-math',
  claim: 'root, children, parent and sibling of every node are equal, and refused where there is none',
  vectors: 10,
  comparisons: 8_214,
  damaged: (vectors) => vectors,
  run(v, tally) {
    tally.equal('nodes', mls.nodeWidth(v.n_leaves), v.n_nodes);
    tally.equal('leaves', mls.leafWidth(v.n_nodes), v.n_leaves);
    tally.equal('root', mls.root(v.n_leaves), v.root);
    for (const relatives of [v.left, v.right, v.parent, v.sibling]) tally.equal('nodes listed', relatives.length, v.n_nodes);
    for (let i = 0; i < v.n_nodes; i++) {
      const node = mls.toNodeIndex(i);
      tally.equal(`left of ${i}`, orNull(() => mls.left(node)), v.left[i]);
      tally.equal(`right of ${i}`, orNull(() => mls.right(node)), v.right[i]);
      tally.equal(`parent of ${i}`, orNull(() => mls.parent(node, v.n_leaves)), v.parent[i]);
      tally.equal(`sibling of ${i}`, orNull(() => mls.sibling(node, v.n_leaves)), v.sibling[i]);
    }
    return Promise.resolve();
  },
});

function orNull(relative: () => number): number | null {
  try {
    return relative();
  } catch {
    return null;
  }
}

interface TreeOperations {
  readonly cipher_suite: number;
  readonly tree_before: string;
  readonly proposal: string;
  readonly proposal_sender: number;
  readonly tree_hash_before: string;
  readonly tree_after: string;
  readonly tree_hash_after: string;
}

export const treeOperations = vectorCheck<TreeOperations>({
  file: 'tree-operations',
  claim: 'Add, Update and Remove turn the tree before into the tree after, with both hashes',
  vectors: 5,
  comparisons: 50,
  damaged: (vectors) => vectors,
  blind: { proposal: 'the tree takes the leaf of a KeyPackage only', proposal_sender: 'only an Update depends on its sender' },
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const before = tally.whole('tree_before', v.tree_before, mls.decodeRatchetTree, mls.encodeRatchetTree);
    tally.bytes('tree_hash_before', await mls.treeHashRoot(before, cs.hash), v.tree_hash_before);
    const proposal = tally.whole('proposal', v.proposal, mls.decodeProposal, mls.encodeProposal);
    const after = applied(before, proposal, v.proposal_sender);
    tally.bytes('tree_after', mls.encodeRatchetTree(after), v.tree_after);
    tally.bytes('tree_hash_after', await mls.treeHashRoot(after, cs.hash), v.tree_hash_after);
    tally.bytes('tree_before is left alone', mls.encodeRatchetTree(before), v.tree_before);
    tally.whole('tree_after', v.tree_after, mls.decodeRatchetTree, mls.encodeRatchetTree);
  },
});

function applied(tree: mls.RatchetTree, proposal: mls.Proposal, sender: number): mls.RatchetTree {
  switch (proposal.proposalType) {
    case 'add': return mls.addLeafNode(tree, proposal.add.keyPackage.leafNode)[0];
    case 'update': return mls.updateLeafNode(tree, proposal.update.leafNode, mls.toLeafIndex(sender));
    case 'remove': {
      const leaf = mls.toLeafIndex(proposal.remove.removed);
      // As the library does before it removes: it walks on from a leaf that lies outside the tree.
      some('leaf to remove', tree[mls.leafToNodeIndex(leaf)]);
      return mls.removeLeafNode(tree, leaf);
    }
    case 'psk': case 'reinit': case 'external_init': case 'group_context_extensions':
    default: throw new Error(`proposal: ${proposal.proposalType} changes no tree`);
  }
}

interface TreeValidation {
  readonly cipher_suite: number;
  readonly tree: string;
  readonly group_id: string;
  readonly tree_hashes: readonly string[];
  readonly resolutions: readonly (readonly number[])[];
}

export const treeValidation = vectorCheck<TreeValidation>({
  file: 'tree-validation',
  claim: 'resolution and hash of every node are equal; parent hashes and leaf signatures are accepted',
  vectors: 98,
  comparisons: 7_973,
  damaged: ofSuites(ALL_SUITES),
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const tree = tally.whole('tree', v.tree, mls.decodeRatchetTree, mls.encodeRatchetTree);
    tally.equal('nodes', tree.length, v.tree_hashes.length);
    tally.equal('resolutions', v.resolutions.length, v.tree_hashes.length);
    for (const [i, expected] of v.tree_hashes.entries()) {
      const node = mls.toNodeIndex(i);
      tally.bytes(`hash of ${i}`, await mls.treeHash(tree, node, cs.hash), expected);
      tally.equal(`resolution of ${i}`, mls.resolution(tree, node).join(), v.resolutions[i]?.join());
    }
    tally.holds('parent hashes', await mls.verifyParentHashes(tree, cs.hash));
    for (const [i, node] of tree.entries()) {
      if (node?.nodeType !== 'leaf') continue;
      tally.holds(`signature of leaf ${i / 2}`, await mls.verifyLeafNodeSignature(node.leaf, hex(v.group_id), i / 2, cs.signature));
    }
  },
});

/** Which of the trees of a suite, by position, the library's validation of a whole tree refuses: no vector asks for it. */
export async function refusedWholeTrees(suite: number): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const [i, v] of (readVectors('tree-validation') as readonly TreeValidation[]).filter((each) => each.cipher_suite === suite).entries()) {
    const cs = await suiteOf(v.cipher_suite);
    const tree = new Tally().whole('tree', v.tree, mls.decodeRatchetTree);
    const root = some('root hash', v.tree_hashes[mls.root(mls.leafWidth(tree.length))]);
    const context = groupContext(cs, { groupId: v.group_id, epoch: 0, treeHash: root, transcriptHash: '' });
    const error = await mls.validateRatchetTree(tree, context, mls.defaultLifetimeConfig, ANYBODY, hex(root), cs);
    if (error !== undefined) refused.push(`${i}: ${error.message}`);
  }
  return refused;
}

/** The vectors' credentials stand for nobody: only signatures are checked. */
export const ANYBODY: mls.AuthenticationService = { validateCredential: () => Promise.resolve(true) };

interface LeafPrivate {
  readonly index: number;
  readonly encryption_priv: string;
  readonly signature_priv: string;
  readonly path_secrets: readonly { readonly node: number; readonly path_secret: string }[];
}

interface TreeKem {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly epoch: number;
  readonly confirmed_transcript_hash: string;
  readonly ratchet_tree: string;
  readonly leaves_private: readonly LeafPrivate[];
  readonly update_paths: readonly {
    readonly sender: number; readonly update_path: string; readonly path_secrets: readonly (string | null)[]; readonly commit_secret: string; readonly tree_hash_after: string;
  }[];
}

export const treeKem = vectorCheck<TreeKem>({
  file: 'treekem',
  claim: 'every member derives the path and commit secrets of every update path, of the vector and of one made by us',
  vectors: 77,
  comparisons: 16_170,
  bySuite: true,
  damaged: ofSuites([1]),
  async run(v, tally) {
    const cs = await suiteOf(v.cipher_suite);
    const tree = tally.whole('ratchet_tree', v.ratchet_tree, mls.decodeRatchetTree, mls.encodeRatchetTree);
    tally.holds('parent hashes', await mls.verifyParentHashes(tree, cs.hash));
    const members = new Map<number, mls.PrivateKeyPath>();
    for (const leaf of v.leaves_private) members.set(leaf.index, await privateKeys(tree, leaf, cs, tally));
    for (const path of v.update_paths) {
      const context = groupContext(cs, { groupId: v.group_id, epoch: v.epoch, treeHash: path.tree_hash_after, transcriptHash: v.confirmed_transcript_hash });
      await receivedPath(tree, path, context, members, cs, tally);
      const sender = some('signature key of the sender', v.leaves_private.find(({ index }) => index === path.sender));
      await sentPath(tree, sender, context, members, cs, tally);
    }
  },
});

/** The private keys of a member, each shown to belong to the public key at its node. */
async function privateKeys(tree: mls.RatchetTree, leaf: LeafPrivate, cs: mls.CiphersuiteImpl, tally: Tally): Promise<mls.PrivateKeyPath> {
  const node = mls.leafToNodeIndex(mls.toLeafIndex(leaf.index));
  const own = tree[node];
  if (own?.nodeType !== 'leaf') throw new Error(`leaf ${leaf.index}: blank`);
  await holdsKeys(own.leaf, leaf.encryption_priv, leaf.signature_priv, cs, tally);
  const privateKeys: Record<number, Uint8Array> = { [node]: hex(leaf.encryption_priv) };
  for (const { node: at, path_secret: secret } of leaf.path_secrets) {
    const parent = tree[at];
    if (parent?.nodeType !== 'parent') throw new Error(`node ${at}: blank`);
    const pair = await cs.hpke.deriveKeyPair(await mls.deriveSecret(hex(secret), 'node', cs.kdf));
    tally.bytes(`key of node ${at}`, await cs.hpke.exportPublicKey(pair.publicKey), Buffer.from(parent.parent.hpkePublicKey).toString('hex'));
    privateKeys[at] = await cs.hpke.exportPrivateKey(pair.privateKey);
  }
  return { leafIndex: leaf.index, privateKeys };
}

/** Shows that the two private keys belong to the public keys, by opening what was sealed and verifying what was signed. */
export async function holdsKeys(leaf: { readonly hpkePublicKey: Uint8Array; readonly signaturePublicKey: Uint8Array }, encryptionPriv: string, signaturePriv: string, cs: mls.CiphersuiteImpl, tally: Tally): Promise<void> {
  await opensFor(leaf.hpkePublicKey, encryptionPriv, cs, tally);
  const signature = await mls.signWithLabel(hex(signaturePriv), 'LeafNodeTBS', leaf.hpkePublicKey, cs.signature);
  tally.holds('signature key', await mls.verifyWithLabel(leaf.signaturePublicKey, 'LeafNodeTBS', leaf.hpkePublicKey, signature, cs.signature));
}

export async function opensFor(publicKey: Uint8Array, privateKey: string, cs: mls.CiphersuiteImpl, tally: Tally): Promise<void> {
  const { enc, ct } = await mls.encryptWithLabel(await cs.hpke.importPublicKey(publicKey), 'test', publicKey, publicKey, cs.hpke);
  const opened = await mls.decryptWithLabel(await cs.hpke.importPrivateKey(hex(privateKey)), 'test', publicKey, enc, ct, cs.hpke);
  tally.bytes('encryption key', opened, Buffer.from(publicKey).toString('hex'));
}

async function receivedPath(tree: mls.RatchetTree, v: TreeKem['update_paths'][number], context: mls.GroupContext, members: ReadonlyMap<number, mls.PrivateKeyPath>, cs: mls.CiphersuiteImpl, tally: Tally): Promise<void> {
  const sender = mls.toLeafIndex(v.sender);
  const path = tally.whole('update_path', v.update_path, mls.decodeUpdatePath, mls.encodeUpdatePath);
  tally.holds('signature of the new leaf', await mls.verifyLeafNodeSignature(path.leafNode, context.groupId, v.sender, cs.signature));
  const after = await mls.applyUpdatePath(tree, sender, path, cs.hash);
  tally.bytes('tree_hash_after', await mls.treeHashRoot(after, cs.hash), v.tree_hash_after);
  tally.holds('parent hashes after', await mls.verifyParentHashes(after, cs.hash));
  tally.equal('path secrets listed', v.path_secrets.length, mls.leafWidth(tree.length));
  for (const [leafIndex, expected] of v.path_secrets.entries()) {
    const member = leafIndex === v.sender ? undefined : members.get(leafIndex);
    tally.equal(`leaf ${leafIndex} has a path secret`, expected !== null, member !== undefined);
    if (member === undefined || expected === null) continue;
    const { nodeIndex, pathSecret } = await mls.applyUpdatePathSecret(after, member, sender, context, path, [], cs);
    tally.bytes(`path secret of leaf ${leafIndex}`, pathSecret, expected);
    tally.bytes(`commit secret of leaf ${leafIndex}`, await mls.getCommitSecret(after, mls.toNodeIndex(nodeIndex), pathSecret, cs.kdf), v.commit_secret);
  }
}

/** An update path of our own from the same sender: every other member must reach the commit secret of the sender. */
async function sentPath(tree: mls.RatchetTree, from: LeafPrivate, context: mls.GroupContext, members: ReadonlyMap<number, mls.PrivateKeyPath>, cs: mls.CiphersuiteImpl, tally: Tally): Promise<void> {
  const sender = mls.toLeafIndex(from.index);
  // The library seals for the epoch after the one of the context that it is given.
  const [made, path, secrets] = await mls.createUpdatePath(tree, sender, { ...context, epoch: context.epoch - 1n }, hex(from.signature_priv), cs);
  const last = some('path secret of the root', secrets.at(-1));
  const commitSecret = Buffer.from(await mls.getCommitSecret(made, mls.toNodeIndex(last.nodeIndex), last.secret, cs.kdf)).toString('hex');
  tally.holds('signature of our leaf', await mls.verifyLeafNodeSignature(path.leafNode, context.groupId, from.index, cs.signature));
  const after = await mls.applyUpdatePath(tree, sender, path, cs.hash);
  tally.bytes('tree after ours', mls.encodeRatchetTree(after), Buffer.from(mls.encodeRatchetTree(made)).toString('hex'));
  tally.holds('parent hashes after ours', await mls.verifyParentHashes(after, cs.hash));
  const ours = { ...context, treeHash: await mls.treeHashRoot(after, cs.hash) };
  for (const [leafIndex, member] of members) {
    if (leafIndex === from.index) continue;
    const { nodeIndex, pathSecret } = await mls.applyUpdatePathSecret(after, member, sender, ours, path, [], cs);
    tally.bytes(`commit secret of leaf ${leafIndex} from ours`, await mls.getCommitSecret(after, mls.toNodeIndex(nodeIndex), pathSecret, cs.kdf), commitSecret);
  }
}
