package operator

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestShards: every Secret belongs to exactly one shard, the shards are about
// equal, and one more takes its share from all and moves nothing else.
func TestShards(t *testing.T) {
	const n = 9000
	owner := func(ref issuance.Ref, of int) int {
		found := -1
		for i := range of {
			if (Shard{i, of}).Contains(ref) {
				if found >= 0 {
					t.Fatalf("%s belongs to shards %d and %d of %d", ref, found, i, of)
				}
				found = i
			}
		}
		if found < 0 {
			t.Fatalf("%s belongs to none of %d shards", ref, of)
		}
		return found
	}
	sizes, moved := map[int]int{}, 0
	for i := range n {
		ref := issuance.Ref{Namespace: fmt.Sprintf("team-%d", i%20), Name: fmt.Sprintf("web-%d-tls", i)}
		before, after := owner(ref, 3), owner(ref, 4)
		sizes[before]++
		if before != after {
			moved++
			if after != 3 {
				t.Fatalf("%s moved from shard %d to %d", ref, before, after)
			}
		}
	}
	for i, size := range sizes {
		if size < n/3*9/10 || size > n/3*11/10 {
			t.Errorf("shard %d has %d of %d", i, size, n)
		}
	}
	if moved < n/4*9/10 || moved > n/4*11/10 {
		t.Errorf("a fourth shard took %d of %d", moved, n)
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]Shard{
		"0/1": {0, 1}, "0/3": {0, 3}, "2/3": {2, 3},
		"3/3": {}, "-1/3": {}, "0/0": {}, "1": {}, "/3": {}, "1/": {}, "a/3": {}, "1/b": {}, "0/3/4": {}, "": {},
	} {
		got, err := ParseShard(text)
		if got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
		const message = "must be INDEX/COUNT with INDEX from 0 to COUNT-1, as in 0/3"
		if failed := want == (Shard{}); failed != (err != nil) || failed && err.Error() != message {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// fixedSource is a source with some Secrets, all of which change.
type fixedSource []issuance.Entry

func (f fixedSource) Entries(context.Context) ([]issuance.Entry, error) { return slices.Clone(f), nil }

func (f fixedSource) Changes(context.Context) <-chan issuance.Entry {
	changes := make(chan issuance.Entry, len(f))
	for _, e := range f {
		changes <- e
	}
	close(changes)
	return changes
}

// TestShardSource: a shard sees its own entries and their changes, and reports
// how many they are.
func TestShardSource(t *testing.T) {
	var all fixedSource
	for i := range 30 {
		all = append(all, issuance.Entry{Ref: issuance.Ref{Namespace: "shop", Name: fmt.Sprintf("web-%d", i)}})
	}
	for _, shard := range []Shard{{}, {0, 1}, {1, 3}} {
		var want []issuance.Ref
		for _, e := range all {
			if shard.Contains(e.Ref) {
				want = append(want, e.Ref)
			}
		}
		reported := 0
		s := shardSource{all, shard, func(_ context.Context, entries int) error { reported = entries; return nil }}
		entries, err := s.Entries(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var listed, changed []issuance.Ref
		for _, e := range entries {
			listed = append(listed, e.Ref)
		}
		for e := range s.Changes(t.Context()) {
			changed = append(changed, e.Ref)
		}
		if diff := cmp.Diff([][]issuance.Ref{want, want}, [][]issuance.Ref{listed, changed}); diff != "" || reported != len(want) {
			t.Errorf("shard %v: %d reported, entries and changes (-want +got):\n%s", shard, reported, diff)
		}
	}
}
