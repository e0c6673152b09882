package overlay

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/nodetrust"
)

// sumsFile has the digests of the files in a folder that cannot have a marker:
// az accepts PEM only without comments, and JSON has no comments. Its format is
// that of sha256sum -c.
const sumsFile = "SHA256SUMS"

// folders adds the folders with files that are not part of a build.
func (g *Generated) folders(dir string, folders []nodetrust.Folder) {
	for _, f := range folders {
		g.folder(path.Join(dir, f.Dir), f.Files)
	}
}

func (g *Generated) folder(dir string, files []nodetrust.File) {
	var sums bytes.Buffer
	for _, f := range slices.SortedFunc(slices.Values(files), func(a, b nodetrust.File) int { return strings.Compare(a.Name, b.Name) }) {
		data := f.Data
		if path.Ext(f.Name) == ".yaml" {
			data = sign(generatedLine, data)
		} else {
			fmt.Fprintf(&sums, "%s  %s\n", digest(data), f.Name)
		}
		g.Files[path.Join(dir, f.Name)] = File{Data: data, Notes: []string{f.Note}}
	}
	if sums.Len() > 0 {
		note := "checksums to detect edits of the files here"
		g.Files[path.Join(dir, sumsFile)] = File{Data: sign(generatedLine, sums.Bytes()), Notes: []string{note}}
	}
}

// changed returns the folders of an environment that differ from those of the
// base, each completely.
func changed(base, own []nodetrust.Folder) []nodetrust.Folder {
	return slices.DeleteFunc(slices.Clone(own), func(f nodetrust.Folder) bool {
		return slices.ContainsFunc(base, func(b nodetrust.Folder) bool {
			return b.Dir == f.Dir && slices.EqualFunc(b.Files, f.Files, func(x, y nodetrust.File) bool {
				return x.Name == y.Name && bytes.Equal(x.Data, y.Data)
			})
		})
	})
}

// Origin returns the origin of a file, from its first lines or from the digests
// in a folder above it.
func (t Tree) Origin(name string) Origin {
	data := t[name]
	if origin := OriginOf(data); origin != Foreign {
		return origin
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		sums := t[path.Join(dir, sumsFile)]
		claimed := claimedSum(sums, strings.TrimPrefix(name, dir+"/"))
		switch origin := OriginOf(sums); {
		case origin == Foreign || claimed == "":
		case origin == Ours && (claimed == digest(data) || claimed == digest(unixLines(data))):
			return Ours
		default:
			return Edited
		}
	}
	return Foreign
}

// claimedSum returns the digest of a file in a list, "" if there is none.
func claimedSum(sums []byte, name string) string {
	for line := range bytes.Lines(unixLines(sums)) {
		sum, of, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "  ")
		if of == name {
			return sum
		}
	}
	return ""
}
