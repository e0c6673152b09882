package cabundle

import (
	"encoding/asn1"
	"fmt"
	"math"
	"math/big"
)

// maxRounds is far more than any tool writes, and still takes only seconds.
const maxRounds = 5_000_000

func tooManyRounds(n int64) error {
	return fmt.Errorf("it asks for %d rounds of hashing, which no tool does", n)
}

// maxNesting is deeper than PKCS#12 goes.
const maxNesting = 20

// smallHash is the shortest that a hash is: a key longer than it takes all its
// rounds once more for each.
const smallHash = 20

// rounds returns the highest number of rounds of hashing that PKCS#12 asks for
// anywhere, which is what comes behind a salt, and may have the length of a key
// behind it. The library does as many as it is told to, and there is no
// stopping it.
func rounds(der []byte, depth int) int64 {
	var most, asked int64
	behindSalt := false
	for len(der) > 0 && depth < maxNesting {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return most
		}
		octets := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString
		integer := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger
		before := asked
		asked = 0
		switch {
		case behindSalt && integer:
			asked = number(v.Bytes)
			most = max(most, asked)
		case before > 0 && integer:
			most = max(most, product(before, 1+number(v.Bytes)/smallHash))
		case v.IsCompound || octets:
			most = max(most, rounds(v.Bytes, depth+1))
		}
		behindSalt, der = octets, rest
	}
	return most
}

func number(b []byte) int64 {
	n := new(big.Int).SetBytes(b)
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return n.Int64()
}

// product is the largest number there is where the true one is larger.
func product(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64/a {
		return math.MaxInt64
	}
	return a * b
}
