// Reads a published log with the Go project's own packages (golang.org/x/mod/sumdb/note and tlog) and nothing of ours:
// the signature, every tile against the signed root, every entry against its tile, inclusion and consistency proofs,
// and the co-signature of a witness.
//
//	GO111MODULE=off go run main.go FOLDER VERIFIER_KEY [OLDER_CHECKPOINT [WITNESS_NAME WITNESS_KEY_IN_BASE64]]
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int                        { return 8 }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), path(tile)))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

// C2SP tlog-tiles leaves out the height, which Go's own layout names, and says "entries" for "data".
func path(tile tlog.Tile) string {
	name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(name, "tile/data/", "tile/entries/", 1)
}

// The co-signature of C2SP tlog-cosignature, which the package note does not know by itself.
type witness struct {
	name string
	key  ed25519.PublicKey
}

func (w witness) Name() string { return w.name }
func (w witness) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(w.name+"\n\x04"), w.key...))
	return binary.BigEndian.Uint32(sum[:])
}
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

func must(err error) {
	if err != nil {
		fmt.Println("NO:", err)
		os.Exit(1)
	}
}

func open(file string, verifiers note.Verifiers) tlog.Tree {
	signed, err := os.ReadFile(file)
	must(err)
	opened, err := note.Open(signed, verifiers)
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func main() {
	source := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	verifiers := note.VerifierList(verifier)
	tree := open(filepath.Join(string(source), "checkpoint"), verifiers)
	reader := tlog.TileHashReader(tree, source)
	entries := int64(0)
	for n := int64(0); n*256 < tree.N; n++ {
		width := 256
		if tree.N-n*256 < 256 {
			width = int(tree.N - n*256)
		}
		data, err := os.ReadFile(filepath.Join(string(source), path(tlog.Tile{H: 8, L: -1, N: n, W: width})))
		must(err)
		for i := 0; i < width; i++ {
			length := int(binary.BigEndian.Uint16(data))
			record := tlog.RecordHash(data[2 : 2+length])
			data = data[2+length:]
			stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, n*256+int64(i))})
			must(err)
			if stored[0] != record {
				must(fmt.Errorf("entry %d has another hash than its tile", n*256+int64(i)))
			}
			if i%37 == 0 {
				proof, err := tlog.ProveRecord(tree.N, n*256+int64(i), reader)
				must(err)
				must(tlog.CheckRecord(proof, tree.N, tree.Hash, n*256+int64(i), record))
			}
			entries++
		}
		if len(data) != 0 {
			must(fmt.Errorf("bundle %d is too long", n))
		}
	}
	if len(os.Args) > 3 {
		older := open(os.Args[3], verifiers)
		proof, err := tlog.ProveTree(tree.N, older.N, reader)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash))
	}
	if len(os.Args) > 5 {
		key, err := base64.StdEncoding.DecodeString(os.Args[5])
		must(err)
		open(filepath.Join(string(source), "checkpoint"), note.VerifierList(witness{os.Args[4], key}))
		fmt.Println("CO-SIGNED")
	}
	fmt.Println("YES:", entries, "entries")
}
