package operator

import (
	"fmt"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// TestShards: every Secret belongs to exactly one shard, the shards are about
// equal, and one more takes its share from all and moves nothing else.
func TestShards(t *testing.T) {
	const n = 9000
	owner := func(ref run.Ref, of int) int {
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
		ref := run.Ref{Namespace: fmt.Sprintf("team-%d", i%20), Name: fmt.Sprintf("web-%d-tls", i)}
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
