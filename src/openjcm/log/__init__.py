"""The transparency log: a Merkle tree over journal entries and products, signed checkpoints, and proofs.

It knows bytes, not carbon: leaf bodies come from ``store``, and nothing here reads a database, a clock or a disk.
The tree is that of RFC 6962 section 2.1 (the same in RFC 9162 section 2.1); checkpoints are signed notes in the form
of C2SP ``tlog-checkpoint`` and ``signed-note``, so that other people's tools can check them.
"""
