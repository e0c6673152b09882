package operator

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Shard is one of Count parts of all Secrets, counted from 0. The zero value is all of them.
type Shard struct{ Index, Count int }

// ParseShard parses INDEX/COUNT.
func ParseShard(text string) (Shard, error) {
	index, count, found := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if !found || err1 != nil || err2 != nil || i < 0 || n < 1 || i >= n {
		return Shard{}, errors.New("must be INDEX/COUNT with INDEX from 0 to COUNT-1, as in 0/3")
	}
	return Shard{i, n}, nil
}

// Contains reports whether a Secret belongs to the shard, by rendezvous hashing: few Secrets
// move when the count changes.
func (s Shard) Contains(ref issuance.Ref) bool {
	if s.Count <= 1 {
		return true
	}
	best, bestWeight := 0, uint64(0)
	for i := range s.Count {
		if w := weight(i, ref); i == 0 || w > bestWeight {
			best, bestWeight = i, w
		}
	}
	return best == s.Index
}

func weight(i int, ref issuance.Ref) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s", i, ref)
	// In FNV alone, the last byte affects only the low bits.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

// shardSource is a source without the Secrets of other shards.
type shardSource struct {
	source issuance.Source
	shard  Shard
	// started is called with the number of entries at the start of a loop.
	started func(ctx context.Context, entries int) error
}

// Entries implements issuance.Source.
func (s shardSource) Entries(ctx context.Context) ([]issuance.Entry, error) {
	all, err := s.source.Entries(ctx)
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for _, e := range all {
		if s.shard.Contains(e.Ref) {
			kept = append(kept, e)
		}
	}
	return kept, s.started(ctx, len(kept))
}

// Changes implements issuance.Source.
func (s shardSource) Changes(ctx context.Context) <-chan issuance.Entry {
	if s.shard.Count <= 1 {
		return s.source.Changes(ctx)
	}
	all, kept := s.source.Changes(ctx), make(chan issuance.Entry)
	go func() {
		defer close(kept)
		for {
			select {
			case e, open := <-all:
				if !open {
					return
				}
				if s.shard.Contains(e.Ref) {
					select {
					case kept <- e:
					case <-ctx.Done():
						return
					}
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return kept
}
