package main

import "math/rand/v2"

// must stops a case for a failure of the harness itself.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// pick chooses one.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
